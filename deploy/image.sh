#!/usr/bin/env bash
# Builds a container image without a container engine: bash deploy/image.sh [OPTIONS]
#   --program NAME          plexsync (default), or plexsync-fleet, the service for many servers
#   --output FOLDER         where it goes (artifacts/image, artifacts/fleet): "oci", a folder in the OCI layout, and NAME-VERSION.tar for
#                           "docker load"
#   --binary PATH           a native plexsync for linux-x64, or the folder of a published plexsync-fleet; without it, one is published
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
program=plexsync output='' binary='' packages='' labels=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
        --program) program=$2 ;;
        --output) output=$(realpath -m "$2") ;;
        --binary) binary=$(realpath "$2") ;;
        --packages) packages=$(realpath "$2") ;;
        --label) labels+=(--config.label "$2") ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done
case $program in
    plexsync) output=${output:-$root/artifacts/image} ;;
    plexsync-fleet) output=${output:-$root/artifacts/fleet} ;;
    *) fail "there is no program $program" ;;
esac
for tool in umoci skopeo jq objdump; do command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install umoci skopeo jq binutils)"; done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
revision=$(git rev-parse HEAD)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
version=$(sed -n 's/.*<VersionPrefix>\(.*\)<.*/\1/p' Directory.Build.props)

# The native program is one file, /plexsync. The service comes with the runtime, in /app: it is neither trimmed nor one file, since ASP.NET Core
# and Quartz find types by their names, and a single file would have the whole framework compiled again. Without the compiler's server and in
# one thread, two builds are the same (src/Directory.Build.props).
if [ -z "$binary" ] && [ "$program" = plexsync ]; then
    dotnet publish src/PlexSync.Cli -c Release -f net10.0 -r linux-x64 -o "$work/native" -nologo -v quiet -p:ContinuousIntegrationBuild=true >&2
    binary=$work/native/plexsync
elif [ -z "$binary" ]; then
    dotnet publish src/PlexSync.Fleet -c Release -r linux-x64 --self-contained -o "$work/service" -nologo -v quiet -p:PublishReadyToRun=true \
        -p:ContinuousIntegrationBuild=true -p:UseSharedCompilation=false -p:RunAnalyzers=false >&2
    binary=$work/service
fi

# What the binary is linked to, and what .NET opens by itself: OpenSSL for https, the certificates of the authorities, and the time zones, so
# that TZ works. It needs neither ICU (InvariantGlobalization) nor Kerberos. The runtime is C++, where it is not compiled into the program.
needed=(libc6 libssl3 ca-certificates tzdata)
[ "$program" = plexsync ] || needed+=(libgcc-s1 libstdc++6)
if [ -z "$packages" ]; then
    packages=$work/packages
    mkdir "$packages"
    download() { (cd "$packages" && apt-get -qq download "${needed[@]}"); }
    # A fresh machine has no lists, and old ones name packages that are gone.
    download 2>/dev/null || { apt-get -qq update && download; } >&2
fi

tree=$work/tree
# status.d is where scanners look for packages in images that have no package manager.
mkdir -p "$tree"/{etc/ssl/certs,usr/lib/x86_64-linux-gnu,lib64,usr/share/doc,var/lib/dpkg/status.d}
ln -s usr/lib "$tree/lib"
for name in "${needed[@]}"; do
    deb=$(printf '%s\n' "$packages/$name"_*.deb | sort -V | tail -1)
    [ -e "$deb" ] || fail "there is no $name in $packages"
    dpkg-deb -x "$deb" "$work/$name"
    dpkg-deb -f "$deb" >"$tree/var/lib/dpkg/status.d/$name"
    # That of the libraries of gcc lies in a folder that another package has: gcc-12-base.
    [ ! -e "$work/$name/usr/share/doc/$name/copyright" ] ||
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
if [ "$program" = plexsync ]; then
    volume=state
    install -m 755 "$binary" "$tree/plexsync"
else
    # The volume is for the keys alone: all else is in the database. Left out is what only debuggers, profilers and developers use.
    volume=keys
    for library in libpthread.so.0 libdl.so.2 librt.so.1; do cp "$work/libc6/lib/x86_64-linux-gnu/$library" "$libraries"; done
    cp "$work/libgcc-s1/lib/x86_64-linux-gnu/libgcc_s.so.1" "$libraries"
    cp -L "$work/libstdc++6/usr/lib/x86_64-linux-gnu/libstdc++.so.6" "$libraries"
    cp -r "$binary" "$tree/app"
    (cd "$tree/app" && rm -f createdump libmscordbi.so libmscordaccore.so libcoreclrtraceptprovider.so libclrgc.so libclrgcexp.so)
    find "$tree/app" \( -name '*.pdb' -o -name '*.xml' -o -name 'appsettings.*.json' -o -name 'web.config' \) -delete
    find "$tree/app" -type f -exec chmod 644 {} +
    chmod 755 "$tree/app/plexsync-fleet"
fi
mkdir "$tree/$volume"
install -D -m 644 LICENSE "$tree/usr/share/doc/plexsync/copyright"

# A library that the binary asks for and the image lacks would only be noticed on the user's machine.
programs=("$tree/plexsync")
[ "$program" = plexsync ] || programs=("$tree/app/plexsync-fleet" "$tree"/app/*.so "$libraries"/lib{gcc_s,stdc++}.so.*)
for library in $(objdump -p "${programs[@]}" | awk '$1 == "NEEDED" { print $2 }' | sort -u); do
    [ -e "$libraries/$library" ] || fail "the binary needs $library, which is not in the image"
done

find "$tree" -type d -exec chmod 755 {} + -o -type f -perm /111 -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
pack() { tar -C "$tree" --format=ustar --numeric-owner --sort=name --mtime="@$epoch" "$@"; }
pack --owner=0 --group=0 --exclude="./$volume" -cf "$work/layer.tar" .
pack --owner=65532 --group=65532 --mode=700 -rf "$work/layer.tar" "./$volume"

layout=$output/oci archive=$output/$program-$version.tar
mkdir -p "$output"
rm -rf "$layout" "$archive"
umoci init --layout "$layout"
umoci new --image "$layout:$version"
umoci raw add-layer --image "$layout:$version" --history.created "$created" --history.created_by deploy/image.sh "$work/layer.tar"
if [ "$program" = plexsync ]; then
    title=PlexSync
    description='Keeps the watch state of Plex users in step while they watch.'
    health='["CMD", "/plexsync", "status"]'
    # One folder for everything, made by the program itself with the mode it wants, whatever the mode of the volume: /state/plexsync.
    particular=(--config.workingdir /state --config.volume /state --config.entrypoint /plexsync --config.cmd watch --config.cmd --all-jobs
        --config.env PATH=/ --config.env PLEXSYNC_HOME=/state/plexsync --config.env XDG_CONFIG_HOME=/state)
else
    title='PlexSync Fleet'
    description='Keeps the watch state of many Plex servers in step, from several machines.'
    health='["CMD", "/app/plexsync-fleet", "health"]'
    # A container is reached from outside of it, if somebody publishes the port. New keys are written as temporary files first, and the volume
    # is the only folder that can be written to; the runtime would have a port for debuggers in one. There is no Kerberos to look for.
    particular=(--config.workingdir /app --config.volume /keys --config.entrypoint /app/plexsync-fleet --config.exposedports 8484/tcp
        --config.env PATH=/app --config.env ASPNETCORE_URLS=http://+:8484 --config.env Fleet__KeyFolder=/keys --config.env TMPDIR=/keys
        --config.env DOTNET_EnableDiagnostics=0 --config.env PGGSSENCMODE=disable)
fi
umoci config --image "$layout:$version" --no-history --created "$created" --os linux --architecture amd64 --author 'PlexSync contributors' \
    --config.user 65532:65532 --config.stopsignal SIGTERM "${particular[@]}" \
    --config.env LANG=C.UTF-8 --config.env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    --config.label "org.opencontainers.image.title=$title" --config.label "org.opencontainers.image.description=$description" \
    --config.label "org.opencontainers.image.version=$version" --config.label "org.opencontainers.image.revision=$revision" \
    --config.label "org.opencontainers.image.created=$created" --config.label org.opencontainers.image.licenses=MIT "${labels[@]}"

# Docker's own addition to the configuration, which umoci does not know: the health of those who start it without compose.yaml.
put() { local digest; digest=$(sha256sum "$1" | cut -d ' ' -f 1); mv "$1" "$layout/blobs/sha256/$digest"; echo "$digest"; }
blob() { echo "$layout/blobs/sha256/$(jq -r "$1" "$2" | sed 's/^sha256://')"; }
manifest=$(blob '.manifests[0].digest' "$layout/index.json")
jq -c --argjson test "$health" '.config.Healthcheck = { Test: $test, Interval: 60e9, Timeout: 10e9, StartPeriod: 30e9 }' \
    "$(blob .config.digest "$manifest")" >"$work/config"
jq -c --argjson size "$(wc -c <"$work/config")" --arg digest "sha256:$(put "$work/config")" '.config += { $digest, $size }' "$manifest" >"$work/manifest"
jq -c --argjson size "$(wc -c <"$work/manifest")" --arg digest "sha256:$(put "$work/manifest")" '.manifests[0] += { $digest, $size }' \
    "$layout/index.json" >"$work/index"
mv "$work/index" "$layout/index.json"
umoci gc --layout "$layout" >/dev/null
skopeo --insecure-policy copy -q "oci:$layout:$version" "docker-archive:$archive:$program:$version"

echo "digest=$(jq -r '.manifests[0].digest' "$layout/index.json")"
echo "size=$(cat "$layout"/blobs/sha256/* | wc -c)"
echo "unpacked=$(wc -c <"$work/layer.tar")"
echo "layout=${layout#"$caller/"}"
echo "archive=${archive#"$caller/"}"
