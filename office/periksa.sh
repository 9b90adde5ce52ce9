#!/bin/sh
# Periksa satu folder draf lalu buka halamannya: sh periksa.sh FOLDER
# (Checks one folder of drafts and opens the page; imgfit must be installed in .venv beside this file.)
here="$(cd "$(dirname "$0")" && pwd)"
if [ ! -x "$here/.venv/bin/imgfit" ]; then
    printf 'imgfit belum terpasang di sini. Jalankan dulu:\n  python3 -m venv "%s/.venv"\n  "%s/.venv/bin/pip" install FOLDER_IMGFIT\n' "$here" "$here" >&2
    exit 2
fi
if [ $# -ne 1 ]; then
    echo 'Tulis satu folder: sh periksa.sh FOLDER' >&2
    exit 2
fi
exec "$here/.venv/bin/imgfit" check --lang id --open "$1"
