#!/usr/bin/env bash
# Builds the site from docs/*.md, README.md and the XML documentation: bash deploy/site.sh [FOLDER] (artifacts/site). Warnings, such as a link
# to nothing, are errors. Nothing is asked of the network but the tool itself, once.
set -euo pipefail
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
output=$(realpath -m "${1:-artifacts/site}")
cd "$(dirname "$0")/.."
dotnet tool restore >/dev/null
# Compiled by the SDK, so that generated code counts as well; the site is made of assemblies, not of source.
for name in Core Hosting Testing; do dotnet build "src/PlexSync.$name" -c Release -f net10.0 -nologo -v quiet; done
rm -rf artifacts/docfx "$output"
mkdir -p artifacts/docfx

# The table of contents: every page, by its heading, in the order of the README.
{
    page() { sed -n "s/^# \(.*\)/- name: '\1'/p" "$1" | sed "2,\$ d" && echo "  href: ../../$1"; }
    printf -- "- name: PlexSync\n  href: ../../README.md\n"
    grep -o '](docs/[a-z-]*\.md' README.md | cut -c 3- | awk '!seen[$0]++' | while read -r file; do page "$file"; done
    for file in docs/*.md; do grep -qF "]($file" README.md || page "$file"; done
    for folder in decisions fr; do
        printf -- '- name: %s\n  items:\n' "$([ $folder = fr ] && echo 'En français' || echo Decisions)"
        for file in docs/"$folder"/*.md; do page "$file" | sed 's/^/  /'; done
    done
    printf -- '- name: API\n  href: api/toc.yml\n'
    for file in CHANGELOG CONTRIBUTING SECURITY; do page "$file.md"; done
} >artifacts/docfx/toc.yml
printf -- '---\nredirect_url: README.html\n---\n' >artifacts/docfx/index.md
dotnet tool run docfx docfx.json --output "$output" --logLevel warning | tee artifacts/docfx/log

# Every warning is an error, but for two: links to folders, which mean something where the repository is, and become mere words here; and that
# a parameter is described twice where <inheritdoc/> is made clearer by one of its own.
wrong=0
while IFS= read -r line; do
    link=$(sed -n 's/.*Invalid file link:(~\/\(.*\))\.$/\1/p' <<<"$line")
    case $line in
        *"Duplicate parameter '"*) ;;
        *) if [ ! -d "${link:-nothing}" ]; then echo "$line" >&2 && wrong=1; fi ;;
    esac
done < <(grep -E '(warning|error)( [A-Za-z]+)?:' artifacts/docfx/log)
[ "$wrong" = 0 ] || { echo 'The site is not right.' >&2; exit 1; }
# shellcheck disable=SC2016
(cd "$output" && find . -name '*.html' -print0) | ROOT=$PWD SITE=$output xargs -0 perl -i -pe '
    BEGIN { chdir $ENV{SITE} }
    my ($folder) = $ARGV =~ m{^(.*)/};
    s{<a href="([^":#]+)">(.*?)</a>}{-d "$ENV{ROOT}/$folder/$1" ? $2 : $&}ge'
find "$output" -name '*.map' -delete
for page in README docs/fr/README api/PlexSync.PlexClient; do
    [ -e "$output/$page.html" ] || { echo "$page.html is missing." >&2; exit 1; }
done
echo "$(find "$output" -name '*.html' | wc -l) pages, $(du -sk "$output" | cut -f 1) KB"
