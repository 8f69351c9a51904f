#!/bin/sh
# Installs plexsync for the user who runs this; root is not needed: sh install.sh [OPTIONS]
#   --version VERSION   that version instead of the latest           PLEXSYNC_VERSION
#   --to FOLDER         where the program goes, else ~/.local/bin    PLEXSYNC_INSTALL
#   --releases ADDRESS  where the releases are                       PLEXSYNC_RELEASES
# The files of a release are ADDRESS/download/vVERSION/FILE, and ADDRESS/latest/download/SHA256SUMS names the latest, as on GitHub.
# Only what has the checksum of SHA256SUMS is installed. After a failure everything is as it was before.
set -eu

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

# All of it is read before anything is done, in case this script itself arrives cut off.
main() {
    releases=${PLEXSYNC_RELEASES:-} version=${PLEXSYNC_VERSION:-} folder=${PLEXSYNC_INSTALL:-}
    while [ $# -gt 0 ]; do
        case $1 in
            --version | --to | --releases) [ -n "${2:-}" ] || fail "$1 needs a value." ;;
        esac
        case $1 in
            --version) version=$2 ;;
            --to) folder=$2 ;;
            --releases) releases=$2 ;;
            *) fail "Unknown option $1. Options: --version VERSION, --to FOLDER, --releases ADDRESS." ;;
        esac
        shift 2
    done
    [ -n "$releases" ] || fail 'Say where the releases are: --releases ADDRESS, or PLEXSYNC_RELEASES.'
    [ -n "$folder" ] || [ -n "${HOME:-}" ] || fail 'HOME is not set. Say where to install: --to FOLDER.'
    [ -n "$folder" ] || folder=$HOME/.local/bin
    releases=${releases%/} version=${version#v}
    find_tools
    rid=$(identify)

    work='' staged='' made=''
    trap clean EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    work=$(mktemp -d)
    fetch
    place
    say "plexsync $found is installed: $folder/plexsync"
    case :${PATH:-}: in
        *":$folder:"*) say 'Begin with: plexsync setup' ;;
        *) say "$folder is not in your PATH. Add this line to ~/.profile, and sign in again:" "" "    export PATH=\"$folder:\$PATH\"" ;;
    esac
}

# The runtime identifier of this system, as the archives are named.
identify() {
    machine=$(uname -m)
    case $machine in
        x86_64 | amd64) machine=x64 ;;
        aarch64 | arm64) machine=arm64 ;;
    esac
    case $(uname -s) in
        Linux)
            system=linux
            # A system of glibc may have musl beside it; the reverse is rare.
            if ldd --version 2>&1 | grep -qi musl; then system=linux-musl; fi
            ;;
        Darwin)
            system=osx
            # A shell that is itself translated for Intel says x86_64 on Apple silicon.
            [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" != 1 ] || machine=arm64
            ;;
        *) fail "There is no program for $(uname -s) $machine. On Windows, use install.ps1; elsewhere: dotnet tool install --global plexsync" ;;
    esac
    case $system-$machine in
        linux-x64 | linux-arm64 | linux-musl-x64 | osx-arm64) say "$system-$machine" ;;
        *) fail "There is no program for $system-$machine. With the .NET SDK: dotnet tool install --global plexsync" ;;
    esac
}

find_tools() {
    for tool in tar mktemp uname; do command -v $tool >/dev/null 2>&1 || fail "$tool is missing."; done
    # Where the releases are at https, no redirect leads away from it.
    if command -v curl >/dev/null 2>&1; then
        download() { case $1 in https:*) curl -fsSL --proto '=https' -o "$2" "$1" ;; *) curl -fsSL -o "$2" "$1" ;; esac; }
    elif command -v wget >/dev/null 2>&1; then
        download() { wget -q -O "$2" "$1"; }
    else
        fail 'curl or wget is needed.'
    fi
    if command -v sha256sum >/dev/null 2>&1; then
        checksum() { sha256sum <"$1"; }
    elif command -v shasum >/dev/null 2>&1; then
        checksum() { shasum -a 256 <"$1"; }
    else
        fail 'sha256sum or shasum is needed.'
    fi
}

# Leaves the program in $work, and its version in $found.
fetch() {
    list=$releases/latest/download/SHA256SUMS
    [ -z "$version" ] || list=$releases/download/v$version/SHA256SUMS
    download "$list" "$work/SHA256SUMS" 2>"$work/error" || fail "$list cannot be downloaded; nothing is installed unchecked. $(cat "$work/error")"
    line=$(grep -E "^[0-9a-f]{64} [ *]plexsync-[0-9][0-9A-Za-z.+-]*-$rid\.tar\.gz\$" "$work/SHA256SUMS" | head -n 1)
    [ -n "$line" ] || fail "This release has no program for $rid ($list)."
    archive=${line#*plexsync-}
    found=${archive%"-$rid.tar.gz"}
    [ -z "$version" ] || [ "$found" = "$version" ] || fail "$list is that of version $found."
    archive=$releases/download/v$found/plexsync-$archive
    download "$archive" "$work/archive" 2>"$work/error" || fail "$archive cannot be downloaded. $(cat "$work/error")"
    actual=$(checksum "$work/archive")
    [ "${actual%% *}" = "${line%% *}" ] || fail "$archive does not have the checksum of SHA256SUMS: not installed."
    tar -xzf "$work/archive" -C "$work" plexsync 2>"$work/error" || fail "$archive does not hold the program: not installed."
}

# In one step, so that an older one is there until the new one is, and whoever runs it meanwhile is not disturbed.
place() {
    if [ ! -d "$folder" ]; then
        made=$folder
        while [ ! -d "$(dirname "$made")" ]; do made=$(dirname "$made"); done
    fi
    mkdir -p "$folder" 2>"$work/error" || fail "$folder cannot be made. $(cat "$work/error")"
    staged=$folder/.plexsync.$$
    cp "$work/plexsync" "$staged" 2>"$work/error" || fail "$folder cannot be written to. $(cat "$work/error")"
    chmod 755 "$staged"
    "$staged" --version >"$work/version" 2>&1 || fail "The program for $rid does not run here: $(head -n 1 "$work/version")"
    mv -f "$staged" "$folder/plexsync" 2>"$work/error" || fail "$folder/plexsync cannot be replaced. $(cat "$work/error")"
    staged='' made=''
}

clean() {
    [ -z "$work" ] || rm -rf "$work"
    [ -z "$staged" ] || rm -f "$staged"
    # The folders made for it, from the innermost on.
    path=$folder
    while [ -n "$made" ] && rmdir "$path" 2>/dev/null && [ "$path" != "$made" ]; do path=$(dirname "$path"); done
}

main "$@"
