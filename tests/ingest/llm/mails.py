"""Messages for tests of the model engine, and the forms that a model would fill for them."""

import json
from typing import Any

from ingest.llm.examples import example_message
from ingest.message import Message
from prompts.loader import load_examples


def worked(index: int) -> tuple[Message, dict[str, Any]]:
    """The message of a worked example and the answer that belongs to it."""
    example = load_examples("triage")[index]
    return example_message(example), json.loads(json.dumps(example["answer"]))


def invented_answer(answer: dict[str, Any], share: int = 3) -> dict[str, Any]:
    """The answer with every `share`-th value replaced by one that the mail does not hold (its quotes stay)."""
    count = 0
    for request in answer["requests"]:
        for name, said in request.items():
            if said is None or name == "request_type":
                continue
            count += 1
            if count % share:
                continue
            said["value"] = INVENTED[name]
    return answer


INVENTED: dict[str, Any] = {
    "buyer_name": "Phantom Imports GmbH",
    "buyer_country": "BR",
    "buyer_registration_number": "HRB 99999",
    "buyer_vat_id": "DE999999999",
    "buyer_lei": "529900T8BM49AURSDO55",
    "buyer_duns": "999999999",
    "amount": 777777,
    "currency": "JPY",
    "current_limit": 333333,
    "payment_terms_days": 77,
    "valid_from": "2031-03-07",
    "valid_until": "2031-03-07",
    "expected_turnover": 123123,
    "overdue_amount": 99999,
    "goods": "moon dust",
}
