"""A command line's parser whose complaints are printable, whatever they quote."""

import argparse
from typing import NoReturn

from hardware.printable import one_line


class PrintableParser(argparse.ArgumentParser):
    """As ``argparse``'s; its commands' parsers are of this kind as well."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))
