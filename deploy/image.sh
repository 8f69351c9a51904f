#!/usr/bin/env bash
# Builds the container image without a container engine: bash deploy/image.sh [OPTIONS]
#   --output FOLDER         where it goes (artifacts/image): "oci", a folder in the OCI layout, and plexsync-VERSION.tar for "docker load"
#   --binary FILE           a native plexsync for linux-x64; without it, one is published
#   --packages FOLDER       the .deb files to take libraries from; without it, apt downloads today's
#   --label NAME=VALUE      one more label, such as net.unraid.docker.icon=https://…
# Prints name=value lines: digest, size (what is downloaded), unpacked, layout, archive.
#
# The same commit and packages give the same digest: every time in the image is SOURCE_DATE_EPOCH, by default that of the commit.
# Needs Debian 12 on x64, with umoci, skopeo, jq and binutils; root is not needed.
set -euo pipefail
export LC_ALL=C

fail() { echo "image.sh: $*" >&2; exit 1; }

caller=$PWD
root=$(cd "$(dirname "$0")/.." && pwd)
output=$root/artifacts/image binary='' packages='' labels=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
        --output) output=$(realpath -m "$2") ;;
        --binary) binary=$(realpath "$2") ;;
        --packages) packages=$(realpath "$2") ;;
        --label) labels+=(--config.label "$2") ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done
for tool in umoci skopeo jq objdump; do command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install umoci skopeo jq binutils)"; done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
revision=$(git rev-parse HEAD)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
version=$(sed -n 's/.*<VersionPrefix>\(.*\)<.*/\1/p' Directory.Build.props)

if [ -z "$binary" ]; then
    dotnet publish src/PlexSync.Cli -c Release -f net10.0 -r linux-x64 -o "$work/native" -nologo -v quiet -p:ContinuousIntegrationBuild=true >&2
    binary=$work/native/plexsync
fi

# What the binary is linked to, and what .NET opens by itself: OpenSSL for https, the certificates of the authorities, and the time zones, so
# that TZ works. It needs neither ICU (InvariantGlobalization) nor Kerberos.
needed=(libc6 libssl3 ca-certificates tzdata)
if [ -z "$packages" ]; then
    packages=$work/packages
    mkdir "$packages"
    download() { (cd "$packages" && apt-get -qq download "${needed[@]}"); }
    # A fresh machine has no lists, and old ones name packages that are gone.
    download 2>/dev/null || { apt-get -qq update && download; } >&2
fi

tree=$work/tree
# status.d is where scanners look for packages in images that have no package manager.
mkdir -p "$tree"/{etc/ssl/certs,usr/lib/x86_64-linux-gnu,lib64,usr/share/doc,var/lib/dpkg/status.d,state}
ln -s usr/lib "$tree/lib"
for name in "${needed[@]}"; do
    deb=$(printf '%s\n' "$packages/$name"_*.deb | sort -V | tail -1)
    [ -e "$deb" ] || fail "there is no $name in $packages"
    dpkg-deb -x "$deb" "$work/$name"
    dpkg-deb -f "$deb" >"$tree/var/lib/dpkg/status.d/$name"
    install -D -m 644 "$work/$name/usr/share/doc/$name/copyright" "$tree/usr/share/doc/$name/copyright"
done
libraries=$tree/usr/lib/x86_64-linux-gnu
for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6; do cp "$work/libc6/lib/x86_64-linux-gnu/$library" "$libraries"; done
for library in libssl.so.3 libcrypto.so.3; do cp "$work/libssl3/usr/lib/x86_64-linux-gnu/$library" "$libraries"; done
ln -s /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$tree/lib64/ld-linux-x86-64.so.2"
cat "$work"/ca-certificates/usr/share/ca-certificates/mozilla/*.crt >"$tree/etc/ssl/certs/ca-certificates.crt"
cp -r --preserve=links "$work/tzdata/usr/share/zoneinfo" "$tree/usr/share"
# The same zones again, and those that count leap seconds.
rm -rf "$tree"/usr/share/zoneinfo/{posix,right}
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/none\nplexsync:x:65532:65532::/state:/none\n' >"$tree/etc/passwd"
printf 'root:x:0:\nplexsync:x:65532:\n' >"$tree/etc/group"
install -m 755 "$binary" "$tree/plexsync"
install -D -m 644 LICENSE "$tree/usr/share/doc/plexsync/copyright"

# A library that the binary asks for and the image lacks would only be noticed on the user's machine.
for library in $(objdump -p "$binary" | awk '$1 == "NEEDED" { print $2 }'); do
    [ -e "$libraries/$library" ] || fail "the binary needs $library, which is not in the image"
done

find "$tree" -type d -exec chmod 755 {} + -o -type f -perm /111 -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
pack() { tar -C "$tree" --format=ustar --numeric-owner --sort=name --mtime="@$epoch" "$@"; }
pack --owner=0 --group=0 --exclude=./state -cf "$work/layer.tar" .
pack --owner=65532 --group=65532 --mode=700 -rf "$work/layer.tar" ./state

layout=$output/oci archive=$output/plexsync-$version.tar
mkdir -p "$output"
rm -rf "$layout" "$archive"
umoci init --layout "$layout"
umoci new --image "$layout:$version"
umoci raw add-layer --image "$layout:$version" --history.created "$created" --history.created_by deploy/image.sh "$work/layer.tar"
# One folder for everything, made by the program itself with the mode it wants, whatever the mode of the volume: /state/plexsync.
umoci config --image "$layout:$version" --no-history --created "$created" --os linux --architecture amd64 --author 'PlexSync contributors' \
    --config.user 65532:65532 --config.workingdir /state --config.volume /state --config.stopsignal SIGTERM \
    --config.entrypoint /plexsync --config.cmd watch --config.cmd --all-jobs \
    --config.env PATH=/ --config.env PLEXSYNC_HOME=/state/plexsync --config.env XDG_CONFIG_HOME=/state --config.env LANG=C.UTF-8 \
    --config.env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    --config.label org.opencontainers.image.title=PlexSync \
    --config.label 'org.opencontainers.image.description=Keeps the watch state of Plex users in step while they watch.' \
    --config.label "org.opencontainers.image.version=$version" --config.label "org.opencontainers.image.revision=$revision" \
    --config.label "org.opencontainers.image.created=$created" --config.label org.opencontainers.image.licenses=MIT "${labels[@]}"

# Docker's own addition to the configuration, which umoci does not know: the health of those who start it without compose.yaml.
put() { local digest; digest=$(sha256sum "$1" | cut -d ' ' -f 1); mv "$1" "$layout/blobs/sha256/$digest"; echo "$digest"; }
blob() { echo "$layout/blobs/sha256/$(jq -r "$1" "$2" | sed 's/^sha256://')"; }
manifest=$(blob '.manifests[0].digest' "$layout/index.json")
jq -c '.config.Healthcheck = { Test: ["CMD", "/plexsync", "status"], Interval: 60e9, Timeout: 10e9, StartPeriod: 30e9 }' \
    "$(blob .config.digest "$manifest")" >"$work/config"
jq -c --argjson size "$(wc -c <"$work/config")" --arg digest "sha256:$(put "$work/config")" '.config += { $digest, $size }' "$manifest" >"$work/manifest"
jq -c --argjson size "$(wc -c <"$work/manifest")" --arg digest "sha256:$(put "$work/manifest")" '.manifests[0] += { $digest, $size }' \
    "$layout/index.json" >"$work/index"
mv "$work/index" "$layout/index.json"
umoci gc --layout "$layout" >/dev/null
skopeo --insecure-policy copy -q "oci:$layout:$version" "docker-archive:$archive:plexsync:$version"

echo "digest=$(jq -r '.manifests[0].digest' "$layout/index.json")"
echo "size=$(cat "$layout"/blobs/sha256/* | wc -c)"
echo "unpacked=$(wc -c <"$work/layer.tar")"
echo "layout=${layout#"$caller/"}"
echo "archive=${archive#"$caller/"}"
