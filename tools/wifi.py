"""The Wi-Fi of the virtual board that `make board` and `make demo` run.

WPA requires 8 to 63 characters for the password.
"""

NAME = "home"
PASSWORD = "home sweet home"
