#!/bin/sh
# Debian's packages for the set-up (`packages.sh`) or for the tests too (`packages.sh test`).
# Root gets those that are missing in one install; for anybody else one line names them all.
set -eu
python=${PYTHON:-python3}
PATH=$PATH:/usr/sbin:/sbin
missing=

has() { command -v "$1" >/dev/null; }
need() { missing="$missing $*"; }
# The driver of the browser tests brings a Node that needs it, on Linux alone.
has_libatomic() {
    "$python" -c 'import ctypes, sys; sys.platform != "linux" or ctypes.CDLL("libatomic.so.1")' 2>/dev/null
}
# The headless shell is the quicker one. Who cannot install it may use another Chromium.
has_chromium() { has chromium-headless-shell || { [ "$(id -u)" != 0 ] && has chromium; }; }
has_chinese_font() { has fc-list && fc-list :lang=zh-cn | grep -q .; }

has make || need make
# Python can be there without ensurepip, which then is in a package that is named for its version.
[ -x .venv/bin/pip ] || "$python" -c 'import ensurepip' 2>/dev/null || need "${python##*/}-venv"
if [ "${1:-}" = test ]; then
    has_libatomic || need libatomic1
    has curl || need curl
    has openssl || need openssl
    has_chromium || need chromium-headless-shell
    has_chinese_font || need fontconfig fonts-noto-cjk
    has mariadbd || need mariadb-server
fi

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "Packages are missing. On Debian, as root: apt install$missing" >&2
    exit 1
fi
echo "apt-get install$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
apt-get install -qq --no-install-recommends $missing >/dev/null
