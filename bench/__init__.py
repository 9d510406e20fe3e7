"""What prefq costs on this machine, beside peers and what the hardware allows; `python -m bench` writes RESULTS.md.

Each module but `data`, `measure` and `page` answers one question: `answer(quick)` returns a section of Markdown.
"""
