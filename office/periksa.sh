#!/bin/sh
# Periksa satu folder draf lalu buka halamannya: sh periksa.sh FOLDER
# (Checks one folder of drafts and opens the page. imgfit is looked for in .venv beside this file,
# then in .venv one folder above.)
here="$(cd "$(dirname "$0")" && pwd)"
imgfit="$here/.venv/bin/imgfit"
[ -x "$imgfit" ] || imgfit="$(dirname "$here")/.venv/bin/imgfit"
if [ ! -x "$imgfit" ]; then
    above="$(dirname "$here")"
    printf 'imgfit belum terpasang. Jalankan dulu di folder imgfit:\n  python3 -m venv .venv\n  .venv/bin/python -m pip install .\nTempatnya: %s/.venv atau %s/.venv\n' "$here" "$above" >&2
    exit 2
fi
if [ $# -ne 1 ]; then
    echo 'Tulis satu folder: sh periksa.sh FOLDER' >&2
    exit 2
fi
exec "$imgfit" check --lang id --open -- "$1"
