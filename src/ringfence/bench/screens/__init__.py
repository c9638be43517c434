"""`ringfence bench screens`: how well detectors tell attacks from other texts, at what speed, and what passes them.

Its one rule: no detector was tuned on the texts in `data`; whoever changes a detector because of one writes new texts.
"""
