"""Programs that nobody trusts, run where they can do no harm: `run_python` and `run_shell`.

Its one rule: what cannot be isolated is not run. Two backends run whole programs: bubblewrap (namespaces) and Landlock
with a filter of system calls; monty takes small Python snippets. `ringfence doctor` shows what holds on a machine.
"""
