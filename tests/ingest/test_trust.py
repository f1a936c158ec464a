"""Trust comes from signals that can be checked: what is plainly said passes unasked, what could be otherwise does not."""

import pytest

from cases.understanding import Triage
from config.desk import Checks
from ingest.trust import KEY_FIELDS
from tests.ingest.rules.mails import FOOT, understood

UNASKED = Checks().trust_unasked
PLAIN = {
    "en": "Dear all,\n\nplease grant a new credit limit of EUR 80,000 on Kessler Antriebe GmbH, Ulm, Germany.\nTerms 60 days.",
    "de": "Guten Tag,\n\nbitte richten Sie ein neues Limit von 80.000 EUR auf die Kessler Antriebe GmbH, Ulm, ein.",
    "fr": "Bonjour,\n\nmerci d'accorder une nouvelle limite de 80 000 EUR sur Kessler Antriebe GmbH, Ulm, Allemagne.",
    "es": "Buenos días:\n\nsolicitamos un nuevo límite de 80.000 EUR para Kessler Antriebe GmbH, Ulm, Alemania.",
    "rise": "Hello,\n\nplease increase the limit on Kessler Antriebe GmbH, Ulm, Germany, from EUR 50,000 to EUR 80,000.",
}
DOUBTFUL = {
    "doubled": "Hello,\n\nthe limit on Kessler Antriebe GmbH, Germany is EUR 40,000. Please double it.",
    "a second sum": "Hello,\n\nplease set up a new limit of EUR 80,000 on Kessler Antriebe GmbH, Germany, or rather EUR 95,000.",
    "a bare number": "Hello,\n\nplease set up a new limit of 80000 on Kessler Antriebe GmbH, Germany.",
    "another company": "Hello,\n\nplease set up a new limit of EUR 80,000 on Kessler Antriebe GmbH, Germany, like that of Nordwind AG.",
    "of today": "Hello,\n\nraise of limit about EUR 50,000 on Kessler Antriebe GmbH, Germany, at this moment it is EUR 200,000.",
    "a season without an end": "Hello,\n\nplease raise the limit on Kessler Antriebe GmbH, Germany, from EUR 60,000 to EUR 90,000 for the season.",
    "a contested decision": "Hello,\n\nyour decision cut Kessler Antriebe GmbH, Germany, from EUR 80,000 to EUR 20,000. We contest it: please reconsider.",
    "on top": "Hello,\n\nkindly arrange an additional EUR 40,000 on Kessler Antriebe GmbH, Germany.",
}


def least(triage: Triage) -> dict[str, float]:
    """The least trust of the key fields of the first request."""
    found = dict.fromkeys(KEY_FIELDS, 1.0)
    seen = set()
    for one in triage.evidence:
        field = one.path.removeprefix("requests[0].")
        if field in KEY_FIELDS:
            seen.add(field)
            found[field] = min(found[field], one.trust or 0.0)
    return {field: trust if field in seen else 0.0 for field, trust in found.items()}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plainly_said_passes(name: str) -> None:
    """A verb, one amount with its currency, one company with its legal form: every key value passes."""
    assert min(least(understood(PLAIN[name] + FOOT)).values()) >= UNASKED


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_could_be_otherwise_does_not_pass(name: str) -> None:
    """A figure that may be no total, one of two figures, a number without currency: a person looks."""
    assert min(least(understood(DOUBTFUL[name] + FOOT)).values()) < UNASKED
