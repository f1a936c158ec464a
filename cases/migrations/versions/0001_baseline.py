"""The schema at first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import cases.models.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "buyers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("registration_number", sa.String(length=64), nullable=True),
        sa.Column("vat_id", sa.String(length=32), nullable=True),
        sa.Column("lei", sa.String(length=20), nullable=True),
        sa.Column("duns", sa.String(length=9), nullable=True),
        sa.Column("sector", sa.String(length=100), nullable=True),
        sa.Column("risk_grade", sa.Integer(), nullable=True),
        sa.Column("watch", sa.Boolean(), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyers")),
    )
    with op.batch_alter_table("buyers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buyers_country"), ["country"], unique=False)
        batch_op.create_index("ix_buyers_country_key", ["country", "name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyers_duns"), ["duns"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyers_lei"), ["lei"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyers_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyers_registration_number"), ["registration_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyers_vat_id"), ["vat_id"], unique=False)

    op.create_table(
        "case_references",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prefix", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
        sa.UniqueConstraint("prefix", "year", name=op.f("uq_case_references_prefix_year")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(length=320), nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("state", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("updated_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("person", "thread", name=op.f("uq_conversations_person_thread")),
    )
    op.create_table(
        "desk_facts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_desk_facts")),
    )
    op.create_table(
        "fx_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("eur_per_unit", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fx_rates")),
        sa.UniqueConstraint("currency", "date", name=op.f("uq_fx_rates_currency_date")),
    )
    with op.batch_alter_table("fx_rates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fx_rates_currency"), ["currency"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("team", sa.String(length=100), nullable=True),
        sa.Column("slack_user_id", sa.String(length=32), nullable=True),
        sa.Column("accounts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("absences", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_slack_user_id"), ["slack_user_id"], unique=False)

    op.create_table(
        "policyholders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("email_domains", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("contacts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sales_contact", sa.String(length=320), nullable=True),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policyholders")),
        sa.UniqueConstraint("name", name=op.f("uq_policyholders_name")),
    )
    with op.batch_alter_table("policyholders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policyholders_name_key"), ["name_key"], unique=False)

    op.create_table(
        "seen_deliveries",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("progress", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("lease_until", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seen_deliveries")),
    )
    with op.batch_alter_table("seen_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_deliveries_at"), ["at"], unique=False)
        batch_op.create_index("ix_seen_deliveries_open", ["state", "lease_until"], unique=False)

    op.create_table(
        "slack_installations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("installed_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_installations")),
        sa.UniqueConstraint("enterprise_id", "team_id", name=op.f("uq_slack_installations_enterprise_id_team_id")),
    )
    op.create_table(
        "workers",
        sa.Column("slot", sa.String(length=100), nullable=False),
        sa.Column("heartbeat", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_workers")),
    )
    op.create_table(
        "buyer_aliases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyers.id"], name=op.f("fk_buyer_aliases_buyer_id_buyers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyer_aliases")),
        sa.UniqueConstraint("buyer_id", "name_key", name=op.f("uq_buyer_aliases_buyer_id_name_key")),
    )
    with op.batch_alter_table("buyer_aliases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buyer_aliases_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyer_aliases_name_key"), ["name_key"], unique=False)

    op.create_table(
        "conversation_turns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("feedback", sa.String(length=16), nullable=True),
        sa.Column("at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_turns_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_turns")),
    )
    with op.batch_alter_table("conversation_turns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_turns_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=998), nullable=True),
        sa.Column("text_digest", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("sender", sa.String(length=500), nullable=True),
        sa.Column("received_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("stored_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("engine", sa.String(length=8), nullable=True),
        sa.Column("triage", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("claim_slot", sa.String(length=100), nullable=True),
        sa.Column("claim_key", sa.String(length=100), nullable=True),
        sa.Column("policyholder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("model_tokens", sa.Integer(), nullable=True),
        sa.Column("model_cost", sa.Float(), nullable=True),
        sa.Column("model_seconds", sa.Float(), nullable=True),
        sa.Column("filed_at", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["policyholders.id"], name=op.f("fk_messages_policyholder_id_policyholders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("digest", name=op.f("uq_messages_digest")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_intent"), ["intent"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_policyholder_id"), ["policyholder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_sender"), ["sender"], unique=False)
        batch_op.create_index("ix_messages_state_id", ["state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_messages_text_digest"), ["text_digest"], unique=False)

    op.create_table(
        "policies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("policyholder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("broker", sa.String(length=300), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("maximum_liability", cases.models.base.Money(), nullable=True),
        sa.Column("covered_countries", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("discretionary_limit", cases.models.base.Money(), nullable=True),
        sa.Column("max_terms_days", sa.Integer(), nullable=True),
        sa.Column("overdue_reporting_days", sa.Integer(), nullable=True),
        sa.Column("maximum_extension_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["policyholders.id"], name=op.f("fk_policies_policyholder_id_policyholders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("number", name=op.f("uq_policies_number")),
    )
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policies_number_key"), ["number_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_policies_policyholder_id"), ["policyholder_id"], unique=False)

    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=True),
        sa.Column("unread_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_message_id"), ["message_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_since", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("decided_at", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("policyholder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policyholder_name", sa.String(length=300), nullable=True),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy_number", sa.String(length=64), nullable=True),
        sa.Column("broker", sa.String(length=300), nullable=True),
        sa.Column("contact_name", sa.String(length=200), nullable=True),
        sa.Column("contact_email", sa.String(length=320), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("asker_address", sa.String(length=320), nullable=True),
        sa.Column("asker_domain", sa.String(length=255), nullable=True),
        sa.Column("reply_address", sa.String(length=320), nullable=True),
        sa.Column("sales_contact", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("request_type", sa.String(length=24), nullable=True),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buyer_name", sa.String(length=300), nullable=True),
        sa.Column("buyer_name_key", sa.String(length=300), nullable=True),
        sa.Column("buyer_country", sa.String(length=2), nullable=True),
        sa.Column("buyer_registration_number", sa.String(length=64), nullable=True),
        sa.Column("buyer_vat_id", sa.String(length=32), nullable=True),
        sa.Column("buyer_lei", sa.String(length=20), nullable=True),
        sa.Column("buyer_duns", sa.String(length=9), nullable=True),
        sa.Column("sector", sa.String(length=100), nullable=True),
        sa.Column("amount", cases.models.base.Money(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("current_limit", cases.models.base.Money(), nullable=True),
        sa.Column("payment_terms_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("expected_turnover", cases.models.base.Money(), nullable=True),
        sa.Column("overdue_amount", cases.models.base.Money(), nullable=True),
        sa.Column("goods", sa.Text(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("urgency", sa.String(length=16), nullable=True),
        sa.Column("urgency_reason", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("team", sa.String(length=100), nullable=True),
        sa.Column("underwriter", sa.String(length=200), nullable=True),
        sa.Column("assignee", sa.String(length=320), nullable=True),
        sa.Column("allocation_reason", sa.Text(), nullable=True),
        sa.Column("missing_documents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("next_action_due", sa.Date(), nullable=True),
        sa.Column("amount_approved", cases.models.base.Money(), nullable=True),
        sa.Column("risk_grade", sa.Integer(), nullable=True),
        sa.Column("underwriter_note", sa.Text(), nullable=True),
        sa.Column("checks", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("conflicts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("candidates", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("appeal_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["appeal_of_id"], ["cases.id"], name=op.f("fk_cases_appeal_of_id_cases")),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyers.id"], name=op.f("fk_cases_buyer_id_buyers")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["cases.id"], name=op.f("fk_cases_merged_into_id_cases")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_cases_policy_id_policies")),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["policyholders.id"], name=op.f("fk_cases_policyholder_id_policyholders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_asker_address"), ["asker_address"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_asker_domain"), ["asker_domain"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_assignee"), ["assignee"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_broker"), ["broker"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_buyer_country"), ["buyer_country"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_buyer_name_key"), ["buyer_name_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cases_buyer_registration_number"), ["buyer_registration_number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_cases_buyer_vat_id"), ["buyer_vat_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_contact_email"), ["contact_email"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_currency"), ["currency"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_cases_policy_buyer", ["policy_id", "buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_policy_number"), ["policy_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_policyholder_name"), ["policyholder_name"], unique=False)
        batch_op.create_index("ix_cases_policyholder_received", ["policyholder_id", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_request_type"), ["request_type"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_sales_contact"), ["sales_contact"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_sector"), ["sector"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_status"), ["status"], unique=False)
        batch_op.create_index("ix_cases_status_due", ["status", "next_action_due"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_team"), ["team"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_underwriter"), ["underwriter"], unique=False)

    op.create_table(
        "mailbox_copies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mailbox", sa.String(length=200), nullable=False),
        sa.Column("folder", sa.String(length=500), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_mailbox_copies_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_copies")),
        sa.UniqueConstraint(
            "mailbox", "folder", "uidvalidity", "uid", name=op.f("uq_mailbox_copies_mailbox_folder_uidvalidity_uid")
        ),
    )
    with op.batch_alter_table("mailbox_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailbox_copies_message_id"), ["message_id"], unique=False)

    op.create_table(
        "model_calls",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("answer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["messages.id"], name=op.f("fk_model_calls_message_row_id_messages")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_model_calls")),
    )
    with op.batch_alter_table("model_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_calls_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_model_calls_message_row_id"), ["message_row_id"], unique=False)

    op.create_table(
        "case_documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("changed_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_documents_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["messages.id"], name=op.f("fk_case_documents_message_row_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_documents")),
        sa.UniqueConstraint("case_id", "type", name=op.f("uq_case_documents_case_id_type")),
    )
    with op.batch_alter_table("case_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_documents_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id_cases")),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("fk_case_links_other_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("case_id", "other_id", "relation", name=op.f("uq_case_links_case_id_other_id_relation")),
    )
    with op.batch_alter_table("case_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_links_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_links_other_id"), ["other_id"], unique=False)

    op.create_table(
        "case_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_messages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["messages.id"], name=op.f("fk_case_messages_message_row_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_messages")),
        sa.UniqueConstraint(
            "message_row_id", "position", "case_id", name=op.f("uq_case_messages_message_row_id_position_case_id")
        ),
    )
    with op.batch_alter_table("case_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_messages_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_messages_message_row_id"), ["message_row_id"], unique=False)

    op.create_table(
        "credit_limits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", cases.models.base.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyers.id"], name=op.f("fk_credit_limits_buyer_id_buyers")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_credit_limits_case_id_cases")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_credit_limits_policy_id_policies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_limits")),
    )
    with op.batch_alter_table("credit_limits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_limits_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_limits_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_credit_limits_policy_buyer", ["policy_id", "buyer_id", "valid_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_limits_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_limits_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("amount", cases.models.base.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.String(length=8), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=320), nullable=False),
        sa.Column("decided_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_case_id"), ["case_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=320), nullable=False),
        sa.Column("actor_salt", sa.String(length=32), nullable=True),
        sa.Column("actor_digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id_cases")),
        sa.ForeignKeyConstraint(["message_row_id"], ["messages.id"], name=op.f("fk_events_message_row_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("sequence", name=op.f("uq_events_sequence")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_message_row_id"), ["message_row_id"], unique=False)

    op.create_table(
        "field_evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("derived", sa.Text(), nullable=True),
        sa.Column("engine", sa.String(length=8), nullable=False),
        sa.Column("trust", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("set_by", sa.String(length=320), nullable=True),
        sa.Column("set_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_field_evidence_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["messages.id"], name=op.f("fk_field_evidence_message_row_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_evidence")),
    )
    with op.batch_alter_table("field_evidence", schema=None) as batch_op:
        batch_op.create_index("ix_field_evidence_case_field", ["case_id", "field"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_evidence_message_row_id"), ["message_row_id"], unique=False)

    op.create_table(
        "learned_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("policyholder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy_number", sa.String(length=64), nullable=True),
        sa.Column("sender_domain", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("removed_at", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=320), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_learned_rules_case_id_cases")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_learned_rules_message_id_messages")),
        sa.ForeignKeyConstraint(
            ["policyholder_id"], ["policyholders.id"], name=op.f("fk_learned_rules_policyholder_id_policyholders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_rules")),
    )
    with op.batch_alter_table("learned_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learned_rules_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_learned_rules_policy_number"), ["policy_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_learned_rules_policyholder_id"), ["policyholder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learned_rules_sender_domain"), ["sender_domain"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author", sa.String(length=320), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notes_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_case_id"), ["case_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("to", sa.String(length=500), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("in_reply_to", sa.String(length=998), nullable=True),
        sa.Column("references", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("due_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=100), nullable=True),
        sa.Column("sent_at", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.String(length=320), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id_cases")),
        sa.ForeignKeyConstraint(["message_row_id"], ["messages.id"], name=op.f("fk_outbox_message_row_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_row_id"), ["message_row_id"], unique=False)
        batch_op.create_index("ix_outbox_state_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_outbox_to_created", ["to", "created_at"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("assignee", sa.String(length=320), nullable=True),
        sa.Column("done_at", cases.models.base.UtcTime(timezone=True), nullable=True),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_assignee"), ["assignee"], unique=False)
        batch_op.create_index(batch_op.f("ix_tasks_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tasks_due"), ["due"], unique=False)

    op.create_table(
        "event_payloads",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_payloads_event_id_events")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_payloads")),
    )
    op.create_table(
        "slack_cards",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("ts", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("created_at", cases.models.base.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_slack_cards_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["message_row_id"], ["messages.id"], name=op.f("fk_slack_cards_message_row_id_messages")
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_slack_cards_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_cards")),
    )
    with op.batch_alter_table("slack_cards", schema=None) as batch_op:
        batch_op.create_index("ix_slack_cards_case", ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slack_cards_message_row_id"), ["message_row_id"], unique=False)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("slack_cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slack_cards_message_row_id"))
        batch_op.drop_index("ix_slack_cards_case")

    op.drop_table("slack_cards")
    op.drop_table("event_payloads")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tasks_due"))
        batch_op.drop_index(batch_op.f("ix_tasks_case_id"))
        batch_op.drop_index(batch_op.f("ix_tasks_assignee"))

    op.drop_table("tasks")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_to_created")
        batch_op.drop_index("ix_outbox_state_due")
        batch_op.drop_index(batch_op.f("ix_outbox_message_row_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_case_id"))

    op.drop_table("outbox")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_case_id"))

    op.drop_table("notes")
    with op.batch_alter_table("learned_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learned_rules_sender_domain"))
        batch_op.drop_index(batch_op.f("ix_learned_rules_policyholder_id"))
        batch_op.drop_index(batch_op.f("ix_learned_rules_policy_number"))
        batch_op.drop_index(batch_op.f("ix_learned_rules_key"))

    op.drop_table("learned_rules")
    with op.batch_alter_table("field_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_field_evidence_message_row_id"))
        batch_op.drop_index("ix_field_evidence_case_field")

    op.drop_table("field_evidence")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_message_row_id"))
        batch_op.drop_index(batch_op.f("ix_events_kind"))
        batch_op.drop_index(batch_op.f("ix_events_case_id"))

    op.drop_table("events")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_case_id"))

    op.drop_table("decisions")
    with op.batch_alter_table("credit_limits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_limits_valid_until"))
        batch_op.drop_index(batch_op.f("ix_credit_limits_policy_id"))
        batch_op.drop_index("ix_credit_limits_policy_buyer")
        batch_op.drop_index(batch_op.f("ix_credit_limits_case_id"))
        batch_op.drop_index(batch_op.f("ix_credit_limits_buyer_id"))

    op.drop_table("credit_limits")
    with op.batch_alter_table("case_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_messages_message_row_id"))
        batch_op.drop_index(batch_op.f("ix_case_messages_case_id"))

    op.drop_table("case_messages")
    with op.batch_alter_table("case_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_links_other_id"))
        batch_op.drop_index(batch_op.f("ix_case_links_case_id"))

    op.drop_table("case_links")
    with op.batch_alter_table("case_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_documents_case_id"))

    op.drop_table("case_documents")
    with op.batch_alter_table("model_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_model_calls_message_row_id"))
        batch_op.drop_index(batch_op.f("ix_model_calls_at"))

    op.drop_table("model_calls")
    with op.batch_alter_table("mailbox_copies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailbox_copies_message_id"))

    op.drop_table("mailbox_copies")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_underwriter"))
        batch_op.drop_index(batch_op.f("ix_cases_team"))
        batch_op.drop_index("ix_cases_status_due")
        batch_op.drop_index(batch_op.f("ix_cases_status"))
        batch_op.drop_index(batch_op.f("ix_cases_sector"))
        batch_op.drop_index(batch_op.f("ix_cases_sales_contact"))
        batch_op.drop_index(batch_op.f("ix_cases_request_type"))
        batch_op.drop_index(batch_op.f("ix_cases_received_at"))
        batch_op.drop_index("ix_cases_policyholder_received")
        batch_op.drop_index(batch_op.f("ix_cases_policyholder_name"))
        batch_op.drop_index(batch_op.f("ix_cases_policy_number"))
        batch_op.drop_index("ix_cases_policy_buyer")
        batch_op.drop_index(batch_op.f("ix_cases_kind"))
        batch_op.drop_index(batch_op.f("ix_cases_decided_at"))
        batch_op.drop_index(batch_op.f("ix_cases_currency"))
        batch_op.drop_index(batch_op.f("ix_cases_contact_email"))
        batch_op.drop_index(batch_op.f("ix_cases_buyer_vat_id"))
        batch_op.drop_index(batch_op.f("ix_cases_buyer_registration_number"))
        batch_op.drop_index(batch_op.f("ix_cases_buyer_name_key"))
        batch_op.drop_index(batch_op.f("ix_cases_buyer_id"))
        batch_op.drop_index(batch_op.f("ix_cases_buyer_country"))
        batch_op.drop_index(batch_op.f("ix_cases_broker"))
        batch_op.drop_index(batch_op.f("ix_cases_assignee"))
        batch_op.drop_index(batch_op.f("ix_cases_asker_domain"))
        batch_op.drop_index(batch_op.f("ix_cases_asker_address"))

    op.drop_table("cases")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachments_message_id"))

    op.drop_table("attachments")
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policies_policyholder_id"))
        batch_op.drop_index(batch_op.f("ix_policies_number_key"))

    op.drop_table("policies")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_text_digest"))
        batch_op.drop_index("ix_messages_state_id")
        batch_op.drop_index(batch_op.f("ix_messages_sender"))
        batch_op.drop_index(batch_op.f("ix_messages_received_at"))
        batch_op.drop_index(batch_op.f("ix_messages_policyholder_id"))
        batch_op.drop_index(batch_op.f("ix_messages_message_id"))
        batch_op.drop_index(batch_op.f("ix_messages_intent"))

    op.drop_table("messages")
    with op.batch_alter_table("conversation_turns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_turns_conversation_id"))

    op.drop_table("conversation_turns")
    with op.batch_alter_table("buyer_aliases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_buyer_aliases_name_key"))
        batch_op.drop_index(batch_op.f("ix_buyer_aliases_buyer_id"))

    op.drop_table("buyer_aliases")
    op.drop_table("workers")
    op.drop_table("slack_installations")
    with op.batch_alter_table("seen_deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_seen_deliveries_open")
        batch_op.drop_index(batch_op.f("ix_seen_deliveries_at"))

    op.drop_table("seen_deliveries")
    with op.batch_alter_table("policyholders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policyholders_name_key"))

    op.drop_table("policyholders")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_slack_user_id"))

    op.drop_table("people")
    with op.batch_alter_table("fx_rates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fx_rates_currency"))

    op.drop_table("fx_rates")
    op.drop_table("desk_facts")
    op.drop_table("conversations")
    op.drop_table("case_references")
    with op.batch_alter_table("buyers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_buyers_vat_id"))
        batch_op.drop_index(batch_op.f("ix_buyers_registration_number"))
        batch_op.drop_index(batch_op.f("ix_buyers_name_key"))
        batch_op.drop_index(batch_op.f("ix_buyers_lei"))
        batch_op.drop_index(batch_op.f("ix_buyers_duns"))
        batch_op.drop_index("ix_buyers_country_key")
        batch_op.drop_index(batch_op.f("ix_buyers_country"))

    op.drop_table("buyers")
    op.drop_table("audit_head")
