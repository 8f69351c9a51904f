#!/usr/bin/env bash
# Prepares a fresh Plex Media Server that nobody has signed in to, and asks it what docs/plex-facts.md leaves open:
# tests/real-pms.sh ADDRESS MEDIA OUTPUT. MEDIA is the folder that the server sees as /data. The answers go to OUTPUT/answers.json, what it said
# while it started to OUTPUT/starting.txt. Run by .github/workflows/real-pms.yml; needs ffmpeg and jq.
set -euo pipefail
cd "$(dirname "$0")/.."
server=${1%/} media=$2 output=$3
mkdir -p "$output"
output=$(realpath "$output")
ask() { curl -sS --max-time 30 -H 'Accept: application/json' -H 'X-Plex-Client-Identifier: plexsync-real-pms' "$@"; }

# What it says before it is ready is one of the open points.
for _ in {1..300}; do
    status=$(ask -o "$output/body" -w '%{http_code}' "$server/identity" || true)
    [ "$status" != 200 ] || break
    [ ! -s "$output/body" ] || { echo "== $status"; cat "$output/body"; echo; } >>"$output/starting.txt"
    sleep 1
done
[ "$status" = 200 ] || { echo "It does not answer: $status"; exit 1; }
cp "$output/body" "$output/identity.json"
rm "$output/body"

# Twelve films of ten minutes, small: a black picture each second, and silence. The service made the folder, as root.
sudo install -d -m 777 "$media/Films"
film=$(mktemp --suffix .mp4)
ffmpeg -loglevel error -y -f lavfi -i color=black:size=64x36:rate=1:duration=600 -f lavfi -i anullsrc=r=8000:cl=mono -shortest "$film"
for number in {1..12}; do cp "$film" "$media/Films/Film $number ($((1990 + number))).mp4"; done
rm "$film"

ask -X POST -o /dev/null --fail-with-body -G "$server/library/sections" --data-urlencode name=Films --data-urlencode type=movie \
    --data-urlencode 'agent=tv.plex.agents.none' --data-urlencode 'scanner=Plex Video Files Scanner' --data-urlencode language=xn \
    --data-urlencode location=/data/Films
analysed() { ask "$server/library/all?type=1" | jq -e '[.MediaContainer.Metadata[]? | select(.duration > 0)] | length >= 12' >/dev/null; }
for _ in {1..150}; do
    if analysed; then break; fi
    sleep 2
done
analysed || { ask "$server/library/all?type=1" >"$output/library.json"; echo 'The films were not found or not analysed.'; exit 1; }

export PLEXSYNC_REAL_SERVER=$server PLEXSYNC_REAL_ANSWERS=$output/answers.json
dotnet run --project tests/PlexSync.EndToEnd.Tests -c Release -- -class '*.Real.RealServerTests' -showliveoutput
cat "$output/answers.json"
