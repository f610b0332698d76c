"""A virtual board: real MicroPython at a serial port of this computer, for real mpremote.

    from tools.virtual_board import VirtualBoard

    with VirtualBoard() as board:   # flash_size=1 MB, heap="256K", networks={"home": "…"}, …
        board.port                  # for `mpremote connect PORT …`; also after a replug
        board.wait_for(">>> ")      # wait until it prints this

MicroPython's unix port runs on its own littlefs, which is `/` and can get full.
boot.py and main.py run at every start; Ctrl-C, Ctrl-D and the raw REPL are as on a board. It
restarts, and `board.starts` has the reasons, after a "soft reset" (Ctrl-D, SystemExit), "reset"
(machine.reset(), board.press_reset()), "power on", "deepsleep" (its end) and "watchdog":
board.wait_for_start("watchdog").

    board.set_pin(15, 0)            # machine.Pin(15).value(); None: by its pull resistor
    board.set_adc(26, 40000)        # machine.ADC(26).read_u16()
    board.pin("LED")                # the output level: 1, 0; None: not an output
    board.feedings()                # of the watchdog: count, and longest pause in ms
    board.cut_power(); board.power_on()             # at any moment; flash stays as it is
    board.unplug(); board.plug_in()                 # the cable, not the power
    board.unplug_after(1000)                        # after 1,000 more bytes from the PC
    board.take_network_away(); board.bring_network_back()

The network is this computer's, through an access point (access_point.py): WLAN().connect() to the
Wi-Fi of tools/wifi.py, or LAN() at once. Connections to a port, of any host,
can be redirected: VirtualBoard(routes={53: name_server.address, 587: mail_server.address}),
board.route(123, …). The module network reports 127.0.0.1 as the name server; port 53
leads to this computer's.

The board's clock is unset (2021) at power on, until machine.RTC().datetime(…) sets it. TLS uses
the PC's clock. VirtualBoard(implementation={"version": (1, 22, 0)}) changes
sys.implementation on the board.

Its port stays during a reset, as with a separate USB chip (most ESP32). With
VirtualBoard(native_usb=True) it disappears and comes back (Pico, ESP32-S3 and -C3).

VirtualBoard(folder) keeps its flash there. `python -m tools.virtual_board --keep FOLDER` runs one
in the foreground, for a person with mpremote.

It needs Linux (/proc). `mpremote mount` doesn't work: bytes 10 from the board become 13, 10.
"""

from tools.virtual_board.board import VirtualBoard

__all__ = ["VirtualBoard"]
