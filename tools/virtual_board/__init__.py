"""A board without a board: real mpremote finds real MicroPython on a serial port of this machine.

    from tools.virtual_board import VirtualBoard

    with VirtualBoard() as board:   # flash_size=1 MB, heap="256K", networks={"home": "…"}, …
        board.port                  # for `mpremote connect PORT …`; the same after a replug
        board.wait_for(">>> ")      # what it prints, behind what was waited for before

MicroPython's unix port runs on a littlefs of its own, which is `/` and gets full as a chip's does.
boot.py and main.py run at every start; Ctrl-C, Ctrl-D and the raw REPL are as on a board. It
starts anew, and `board.starts` tells why, after a "soft reset" (Ctrl-D, SystemExit), "reset"
(machine.reset(), board.press_reset()), "power on", "deepsleep" (its end) and "watchdog", which
really bites: board.wait_for_start("watchdog").

    board.set_pin(15, 0)            # what machine.Pin(15).value() reads; None: its pull decides
    board.set_adc(26, 40000)        # what machine.ADC(26).read_u16() reads
    board.pin("LED")                # what the board puts out: 1, 0, or None if that's no output
    board.feedings()                # of the watchdog: how many, and the longest pause, in ms
    board.cut_power(); board.power_on()             # at any moment; what is on flash stays
    board.unplug(); board.plug_in()                 # the cable, not the power
    board.unplug_after(1000)                        # when so many octets more came from the PC
    board.take_network_away(); board.bring_network_back()

The network is this machine's, through an access point (access_point.py): WLAN().connect() to the
Wi-Fi of tools/wifi.py, or LAN() at once. A port can lead elsewhere, whatever host the board
connects to: VirtualBoard(routes={53: name_server.address, 587: mail_server.address}),
board.route(123, …). The module network says that the name server is 127.0.0.1; port 53 leads to
the one of this machine.

The board's clock is unset (2021) at power on, until machine.RTC().datetime(…) sets it; TLS looks
at the PC's. VirtualBoard(implementation={"version": (1, 22, 0)}) is what sys.implementation says
there beside the truth.

Its port stays while it is reset, as that of a chip beside the microcontroller does (most ESP32);
with VirtualBoard(native_usb=True) it goes and comes again (Pico, ESP32-S3 and -C3).

VirtualBoard(folder) keeps its flash there. `python -m tools.virtual_board --keep FOLDER` runs one
in the foreground, for a person with mpremote.

It needs Linux (/proc). `mpremote mount` doesn't work: octets 10 from the board become 13, 10.
"""

from tools.virtual_board.board import VirtualBoard

__all__ = ["VirtualBoard"]
