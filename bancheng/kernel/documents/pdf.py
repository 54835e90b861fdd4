"""Reading a PDF in a process of its own, which may use so much memory and time and no more (decision 0014).

A PDF is a program for its reader: loops, bombs and depths are found anew every month. Whatever one does to the reader, it
does it to a process that is thrown away, and the answer is a refusal.
"""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from bancheng.kernel.documents.rules.refusals import no

READER = Path(__file__).with_name("pdf_reader.py")
SECONDS = 30
_AT_ONCE = BoundedSemaphore(2)  # in one web process: each may take its whole bound


def count_pages(data: bytes, *, most: int) -> int:
    """Return how many pages the PDF has; beyond `most` nothing else is looked at.

    Raises Refused: damaged, encrypted, with scripts, too complex.
    """
    command = [sys.executable, "-I", "-X", "utf8", str(READER), str(most)]
    with _AT_ONCE:
        try:
            said = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise no("document_too_complex") from None
    if said.returncode:  # ended by one of its bounds
        raise no("document_too_complex")
    found = json.loads(said.stdout)
    if refusal := found.get("no"):
        raise no(refusal)
    return int(found["pages"])
