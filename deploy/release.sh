#!/usr/bin/env bash
# Builds what a release consists of, from the commit that is checked out: bash deploy/release.sh STEP [OPTIONS]
#   packages        the NuGet packages that are the same for every system, each with its list of contents (CycloneDX)
#   native RID      the native program for one system, on that system: an archive, the tool package, and its list of contents
#   sums            SHA256SUMS of the archives, when all are there
#   notes           what the changelog says of this version
#   version         the version
#   try RID         runs the program that "native" has left, where it can run
#   push            the packages to nuget.org, with the key in NUGET_API_KEY; the one that points to the others comes last
#   image           what deploy/image.sh has built to ghcr.io, as GITHUB_REPOSITORY, with REGISTRY_USER and REGISTRY_TOKEN
# Options:
#   --output FOLDER where it goes (artifacts/release); the packages into its folder "packages"
#   --tag TAG       fails unless the version is that of the tag, such as v0.1.0
#
# The same commit gives the same bytes, on whatever day and in whatever folder: every time in a package is SOURCE_DATE_EPOCH, by default that
# of the commit. Needs the .NET 10 SDK and, for native programs, the system's C tools; bash may be as old as that of macOS (3.2). From x64,
# linux-arm64 is linked by Debian's gcc-aarch64-linux-gnu.
set -euo pipefail
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 CI=true

fail() { echo "release.sh: $*" >&2; exit 1; }

step=${1:-}
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")/.." && pwd)
caller=$PWD output=$root/artifacts/release rid='' tag=''
case $step in native | try) rid=${1:?release.sh: a runtime identifier is missing, such as linux-x64}; shift ;; esac
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
        --output) output=$2 ;;
        --tag) tag=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done
case $output in /* | ?:*) ;; *) output=$caller/$output ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
version=$(sed -n 's/.*<VersionPrefix>\(.*\)<.*/\1/p' Directory.Build.props)
project=src/PlexSync.Cli/PlexSync.Cli.csproj
[ -z "$tag" ] || [ "$tag" = "v$version" ] || fail "the tag is $tag, the version $version"

# The server that compiles for several builds is not asked: see src/Directory.Build.props. On the command line, since some SDKs set it there.
# Analyzers have seen the code before, and take half of the time.
pack() { dotnet pack "$@" -p:UseSharedCompilation=false -p:RunAnalyzers=false -c Release -o "$output/packages" -nologo -v quiet; }
helper() { dotnet run --file deploy/release.cs -- "$@"; }

# contents PROJECT NAME TYPE FILE [FRAMEWORK RID]: what was resolved for a project that has just been built, as CycloneDX.
contents() {
    local framework=()
    [ $# -eq 4 ] || framework=(-tfm "$5" -rt "$6")
    dotnet tool restore >/dev/null
    dotnet tool run dotnet-CycloneDX "$1" -o "$output" -fn "$4" -F Json -ed -ns -dpr -ipr --set-nuget-purl -sn "$2" -sv "$version" -st "$3" \
        ${framework[@]+"${framework[@]}"} >"$output/cyclonedx.log" 2>&1 || { cat "$output/cyclonedx.log" >&2; return 1; }
    rm "$output/cyclonedx.log"
    helper sbom "$output/$4" "$(dirname "$1")/obj/project.assets.json" "${6:-}"
}

packages() {
    local name
    for name in Core Hosting Testing; do
        pack "src/PlexSync.$name"
        contents "src/PlexSync.$name/PlexSync.$name.csproj" "PlexSync.$name" Library "PlexSync.$name-$version.cdx.json"
    done
    pack src/PlexSync.Simulator
    contents src/PlexSync.Simulator/PlexSync.Simulator.csproj plexsync-simulator Application "plexsync-simulator-$version.cdx.json"
    pack "$project" -p:PlexSyncToolRuntimes=native
    pack "$project" -p:PlexSyncToolRuntimes=any -r any
    contents "$project" plexsync Application "plexsync-$version-any.cdx.json"
}

native() {
    local program=plexsync archive=plexsync-$version-$rid.tar.gz flags=()
    case $rid in win-*) program=plexsync.exe archive=plexsync-$version-$rid.zip ;; esac
    if [ "$rid" = linux-arm64 ] && [ "$(uname -m)" = x86_64 ]; then
        # .NET drives clang, which serves every architecture; gcc is a program for each, and does not know --target.
        # shellcheck disable=SC2016
        printf '#!/bin/sh\nfor word; do\n    shift\n    case $word in --target=*) ;; *) set -- "$@" "$word" ;; esac\ndone\n%s\n' \
            'exec aarch64-linux-gnu-gcc "$@"' >"$work/gcc"
        chmod +x "$work/gcc"
        flags=("-p:CppCompilerAndLinker=$work/gcc" -p:ObjCopyName=aarch64-linux-gnu-objcopy)
    fi
    pack "$project" -p:PlexSyncToolRuntimes=native -r "$rid" ${flags[@]+"${flags[@]}"}
    helper archive "$output/$archive" "src/PlexSync.Cli/bin/Release/net10.0/$rid/publish/$program" LICENSE
    contents "$project" plexsync Application "plexsync-$version-$rid.cdx.json" net10.0 "$rid"
}

# What install.sh looks for; a name that is missing would be a system without PlexSync.
sums() {
    local name names=()
    for name in linux-x64.tar.gz linux-arm64.tar.gz linux-musl-x64.tar.gz osx-arm64.tar.gz win-x64.zip; do
        [ -e "$output/plexsync-$version-$name" ] || fail "plexsync-$version-$name is missing in $output"
        names+=("plexsync-$version-$name")
    done
    (cd "$output" && sha256sum "${names[@]}" ./*.cdx.json | sed 's,\./,,' >SHA256SUMS)
}

notes() {
    awk -v version="$version" '/^## / { on = index($0, "## " version " ") == 1 || $0 == "## " version; next } on' CHANGELOG.md >"$output/notes.md"
    grep -q . "$output/notes.md" || fail "CHANGELOG.md says nothing of $version"
}

try() {
    local program
    program=$(find "src/PlexSync.Cli/bin/Release/net10.0/$rid/publish" -name 'plexsync*' -type f)
    "$program" --help >/dev/null
    "$program" --version | grep -F "$version"
}

push() {
    local file last=$output/packages/plexsync.$version.nupkg
    [ -n "${NUGET_API_KEY:-}" ] || fail 'NUGET_API_KEY is not set'
    while read -r file; do
        dotnet nuget push "$file" --source https://api.nuget.org/v3/index.json --api-key "$NUGET_API_KEY" --skip-duplicate
    done < <(find "$output/packages" -name '*.nupkg' ! -path "$last" | sort; echo "$last")
}

image() {
    local name digest
    name=ghcr.io/$(tr '[:upper:]' '[:lower:]' <<<"${GITHUB_REPOSITORY:?}")
    skopeo login --username "${REGISTRY_USER:?}" --password-stdin ghcr.io <<<"${REGISTRY_TOKEN:?}"
    for tag in "$version" latest; do
        skopeo copy --digestfile "$work/digest" "oci:artifacts/image/oci:$version" "docker://$name:$tag"
    done
    digest=$(cat "$work/digest")
    printf 'name=%s\ndigest=%s\n' "$name" "$digest" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
}

case $step in
    version) echo "$version"; exit ;;
    # On a line of its own: behind "&&", a step would go on after its first failure.
    packages | native | sums | notes | try | push | image)
        mkdir -p "$output"
        "$step"
        ;;
    *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "deploy/release.sh" >&2; exit 2 ;;
esac
