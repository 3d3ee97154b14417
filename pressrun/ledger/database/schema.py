"""The tables of the ledger. Migrations under ``migrations/`` bring a file to this shape.

Money is kept as whole nano-dollars (``cost_nusd``), so that sums are exact; moments are Unix
seconds (``…_at``), so that SQLite and PostgreSQL compare them alike.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("store", Text, nullable=False, server_default=""),
    Column("layout", Text, nullable=False, server_default="{item}/{file}"),
    Column("concurrency", Integer, nullable=False, server_default="5"),
    Column("priority", String(8), nullable=False, server_default="normal"),
    Column("budget_usd", Float),
    Column("only", JSON),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("owner", Text, nullable=False, server_default=""),
    Column("reviews", JSON),
    Column("requested_by", Text, nullable=False, server_default=""),
    Column("machine", Text, nullable=False, server_default=""),
    Column("machine_name", Text, nullable=False, server_default=""),
    # No two batches share a folder, also when both start in the same second.
    Index("batches_place", "destination", "root", unique=True),
)

items = Table(
    "items",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    Column("started_at", Float),
    Column("ended_at", Float),
    Index("items_status", "batch_id", "status"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("batch_id", String(64), nullable=False),
    Column("item_key", String(128), nullable=False),
    Column("slot", String(64), nullable=False),
    Column("call_key", String(64), nullable=False),
    Column("account", String(64), nullable=False),
    Column("model", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("send_at", Float, nullable=False),
    Column("settled_at", Float),
    Column("latency_s", Float),
    Column("cost_nusd", BigInteger, nullable=False, default=0),
    Column("input_tokens", Integer, nullable=False, default=0),
    Column("output_tokens", Integer, nullable=False, default=0),
    Column("image_tokens", Integer, nullable=False, default=0),
    Column("thought_tokens", Integer, nullable=False, default=0),
    Column("sha256", String(64)),
    Column("media_type", String(64)),
    Column("model_version", Text),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    Column("tier", String(40), nullable=False, server_default=""),
    Index("calls_item", "batch_id", "item_key"),
    Index("calls_settled_at", "settled_at"),
    # The same request is paid once: a second settlement of it is refused.
    Index(
        "calls_settled_once",
        "call_key",
        unique=True,
        sqlite_where=text("status = 'settled'"),
        postgresql_where=text("status = 'settled'"),
    ),
)

# The fields of ``quotas.state.QuotaState``, which says what each is.
quotas = Table(
    "quotas",
    metadata,
    Column("account", String(255), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("requests_tat", Float, nullable=False),
    Column("images_tat", Float, nullable=False),
    Column("tokens_tat", Float, nullable=False),
    Column("spend_tat", Float, nullable=False),
    Column("day", String(10), nullable=False),
    Column("day_count", Integer, nullable=False),
    Column("minute_at", Float, nullable=False),
    Column("minute_count", Integer, nullable=False),
    Column("minute_before", Integer, nullable=False),
    Column("held_until", Float, nullable=False),
    Column("wall", Float, nullable=False),
    Column("floor", Float, nullable=False),
    Column("flat_s", Float, nullable=False),
    Column("used_s", Float, nullable=False),
    Column("since_at", Float, nullable=False),
    Column("told", Text, nullable=False),
    Column("told_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("closed_until", Float, nullable=False),
    Column("closed_why", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("path", String(512), primary_key=True),
    Column("item_key", String(128), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("url", Text),
    Column("error_message", Text),
    Column("delivered_at", Float),
    Column("provenance", JSON),
    Index("deliveries_item", "batch_id", "item_key"),
    Index("deliveries_delivered_at", "delivered_at"),
)

places = Table(
    "places",
    metadata,
    Column("destination", String(255), primary_key=True),
    Column("path", String(767), primary_key=True),
    Column("remote_id", String(128), nullable=False),
)

# What is spent under a cap, and what calls in flight have set aside; scopes as budgets.Budget.
budgets = Table(
    "budgets",
    metadata,
    Column("scope", String(160), primary_key=True),
    Column("spent_nusd", BigInteger, nullable=False),
    Column("held_nusd", BigInteger, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("call_id", String(36), primary_key=True),
    Column("scope", String(160), primary_key=True),
    Column("nusd", BigInteger, nullable=False),
)

# The process that works on a batch; one that died is known by its heartbeat.
holders = Table(
    "holders",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("token", String(36), nullable=False),
    Column("host", String(255), nullable=False),
    Column("beat_at", Float, nullable=False),
    Column("machine", String(36), nullable=False, server_default=""),
)

# Bytes that every machine can read: texts here, in ``body``; others in a shared place.
copies = Table(
    "copies",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary),
)

# Every batch that was let in, also one that was removed since: limits count what was asked for.
requests = Table(
    "requests",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("requester", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Index("requests_at", "at"),
    Index("requests_requester", "requester", "at"),
)

# Models that failed lately; ``breakers`` says what each field is.
breakers = Table(
    "breakers",
    metadata,
    Column("model", String(64), primary_key=True),
    Column("failed_at", Text, nullable=False),
    Column("wait_s", Float, nullable=False),
    Column("open_until", Float, nullable=False),
    Column("trial_until", Float, nullable=False),
)

# Long waits of a batch that displays show; an empty model stands for the whole batch.
waits = Table(
    "waits",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("model", String(64), primary_key=True),
    Column("until", Float, nullable=False),
    Column("reason", Text, nullable=False),
)
