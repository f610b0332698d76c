"""The Wi-Fi of the virtual board that `make board` and `make demo` run.

Its password is one that WPA allows (8 to 63 characters), as every Wi-Fi's is.
"""

NAME = "home"
PASSWORD = "home sweet home"
