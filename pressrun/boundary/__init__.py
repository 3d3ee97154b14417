"""What comes over the border: texts of others, files that a person named, answers of servers.

Each is taken with bounds and made safe to show or open here, before anything looks into it. And
``telemetry``: what goes out to those who watch.
"""
