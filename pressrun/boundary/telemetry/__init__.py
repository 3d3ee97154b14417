"""What a process tells those who watch it: its log as JSON, and spans of its work.

Both are off unless a setting asks for them. Neither carries a prompt, a title or a key, but for
what the lines of the log say to people anyway.
"""
