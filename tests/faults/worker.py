"""A process that works on one batch without Prefect, to be killed or to finish.

``python -m tests.faults.worker BATCH BASE_URL CONCURRENCY``; the key is GEMINI_API_KEY, the
ledger and the vault are where PRESSRUN_DATA says.
"""

import os
import sys

from pressrun.ledger import open_ledger
from tests.support.batches import account_at, work

if __name__ == "__main__":
    batch_id, base_url, concurrency = sys.argv[1:]
    account = account_at(base_url, os.environ["GEMINI_API_KEY"])
    outcome = work(open_ledger().batches.match(batch_id), account, int(concurrency))
    sys.exit(0 if outcome.whole else 1)
