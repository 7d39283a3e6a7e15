#!/bin/sh
# Whether npm is on PATH and runs in a Node that package.json's `engines` name.
command -v npm >/dev/null || exit 1
version=$(node --version 2>/dev/null) || exit 1
major=${version#v}
minor=${major#*.}
major=${major%%.*}
minor=${minor%%.*}
case $major in
    20) [ "$minor" -ge 19 ] ;;
    22) [ "$minor" -ge 13 ] ;;
    *) [ "$major" -ge 24 ] ;;
esac
