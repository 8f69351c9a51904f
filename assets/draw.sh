#!/usr/bin/env bash
# Draws the pictures of the README from runs on the simulated server. Needs the .NET 10 SDK and chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sandbox=$([ "$(id -u)" -ne 0 ] || echo --no-sandbox)
dotnet build samples/Demo -nologo -v quiet
for language in en fr; do
    env -u NO_COLOR TERM=xterm PLEXSYNC_LANG=$language dotnet run --no-build --project samples/Demo -- --pictures "$work/$language"
    name=$([ "$language" = en ] || echo ".$language")
    cp "$work/$language/terminal.svg" "assets/terminal$name.svg"
    # The language of the page decides how dates read; the window ends between two sections.
    TZ=UTC chromium --headless $sandbox --disable-gpu --hide-scrollbars --lang="$language" --window-size=900,965 \
        --user-data-dir="$work/browser-$language" --screenshot="assets/report$name.png" "file://$work/$language/report.html"
done
ls -l assets
