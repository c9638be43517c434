"""Files of one folder: listed, read, written, moved, deleted, and nothing outside of the folder.

    settings.py   the table `[files]`: the folder, limits, and who owns which files
    texts.py      text in and out
    tools.py      the tools, with their labels

The one rule: a path is a relative name below the folder, resolved by `connectors/rooted.py`, whoever wrote it.
"""
