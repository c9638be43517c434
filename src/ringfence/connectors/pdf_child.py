"""The child of `pdf.py`: reads a PDF from stdin, writes its title and the text of its pages as JSON to stdout.

Its one rule: it imports nothing of ours, limits itself before it reads a byte, and says how it ended by its exit status
only: 0 done, 2 damaged, 3 pypdf is missing, 4 locked.
"""

import json
import resource
import sys

MEMORY = 768 << 20
CPU_SECONDS = 15
MAX_PAGES = 2_000
MAX_TEXT = 8 << 20


def main() -> int:
    """Read, write, and the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        import pypdf
    except ImportError:
        return 3
    import io
    import logging

    logging.disable(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        if reader.is_encrypted and not reader.decrypt(""):
            return 4
        title = (reader.metadata.title if reader.metadata is not None else None) or ""
        pages: list[str] = []
        size = 0
        for number, page in enumerate(reader.pages):
            text = page.extract_text()
            size += len(text)
            if number >= MAX_PAGES or size > MAX_TEXT:
                pages.append("[the rest of the document was left out: it is too long]")
                break
            pages.append(text)
        said = json.dumps({"title": str(title)[:1_000], "pages": pages})
    except Exception:
        return 2
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.exit(status)
