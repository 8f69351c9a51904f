#!/usr/bin/env bash
# Backs up and restores the database of the fleet: bash deploy/fleet/database.sh COMMAND FILE
#   backup FILE             writes FILE, a dump of the schema "plexsync" that only its owner can read, and FILE.manifest: when, how much,
#                           and the checksum. Nodes may go on meanwhile.
#   check FILE              reads all of a backup and compares it with its manifest
#   restore FILE            restores into a database without that schema; all nodes have to be stopped
#   restore --replace FILE  the same, and removes what the database has first
# The database is named by the variables of libpq: PGHOST, PGPORT, PGDATABASE, PGUSER, and PGPASSFILE or PGPASSWORD_FILE (a file with the
# password alone). Needs bash, and pg_dump, pg_restore and psql of the version of the server, or newer.
#
# Tokens and PINs are in the dump as the database has them: encrypted by the keys of Fleet:KeyFolder, which are NOT in it. Keep a copy of that
# folder apart from the dumps: who has both can read the tokens, and with a dump alone they have to be entered again.
set -euo pipefail
export LC_ALL=C
umask 077

schema=plexsync
# What is only true of nodes that run: after a restore there are none. And what is only true of its day: by agreements of another one, what
# one user has watched since could pass for what the other has unwatched, and be taken away.
transient=(leases nodes answers qrtz_fired_triggers qrtz_scheduler_state agreements)

fail() { echo "database.sh: $*" >&2; exit 1; }
sql() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1" 2>"$work/error" || fail "the database did not answer: $(tail -n 1 "$work/error")"; }
noted() { sed -n "s/^$1=//p" "$file.manifest"; }

command=${1:-} replace=
[ $# -eq 0 ] || shift
if [ "$command" = restore ] && [ "${1:-}" = --replace ]; then replace=1; shift; fi
case $command in
    backup | check | restore) [ $# -eq 1 ] || fail "$command needs one file" ;;
    *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
file=$1
for tool in pg_dump pg_restore psql sha256sum; do
    command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install postgresql-client)"
done
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(cat "$PGPASSWORD_FILE")
    export PGPASSWORD
fi
work=$(mktemp -d)
part=
trap 'rm -rf "$work"; [ -z "$part" ] || rm -f "$part" "$part.manifest"' EXIT

# rows FILE: reads all of a dump, and prints how many rows each table has in it.
rows() {
    pg_restore -f - "$1" | awk -v schema="$schema." '
        inside && $0 == "\\." { print "rows." table "=" count; inside = 0; next }
        inside { count++; next }
        $1 == "COPY" && index($2, schema) == 1 { table = substr($2, length(schema) + 1); count = 0; inside = 1 }'
}

# What is wrong with a backup; nothing is printed where it is whole.
complaint() {
    [ -f "$file" ] || { echo "there is no $file"; return; }
    [ -f "$file.manifest" ] || { echo "$file.manifest is missing: without it nobody knows whether the dump is whole"; return; }
    [ "$(wc -c <"$file")" = "$(noted bytes)" ] && [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$(noted sha256)" ] ||
        { echo "$file is damaged: it is not the file that its manifest describes"; return; }
    rows "$file" >"$work/rows" 2>"$work/error" && diff <(grep '^rows\.' "$file.manifest") "$work/rows" >/dev/null ||
        echo "$file cannot be read to its end by this version of pg_restore ($(pg_restore --version))"
}

backup() {
    [ ! -e "$file" ] && [ ! -e "$file.manifest" ] || fail "$file exists: backups are not overwritten"
    [ -d "$(dirname "$file")" ] || fail "there is no folder $(dirname "$file")"
    local excluded=() table found
    found=$(sql "select count(*) from pg_namespace where nspname = '$schema'")
    [ "$found" = 1 ] || fail "this database has no schema $schema"
    part=$(mktemp "$file.XXXXXX")
    for table in "${transient[@]}"; do excluded+=(--exclude-table-data="$schema.$table"); done
    pg_dump --format=custom --schema=$schema --no-owner --no-privileges --lock-wait-timeout=60s "${excluded[@]}" --file="$part" ||
        fail 'pg_dump failed; nothing was kept'
    pg_restore --list "$part" >"$work/list" && grep -q " TABLE DATA $schema servers " "$work/list" ||
        fail 'the dump cannot be listed; nothing was kept'
    rows "$part" >"$work/rows" || fail 'the dump cannot be read again; nothing was kept'
    {
        echo "made=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
        echo "server=PostgreSQL $(sql 'show server_version')"
        echo "migration=$(sql "select max(name) from $schema.migrations")"
        echo "bytes=$(wc -c <"$part" | tr -d ' ')"
        echo "sha256=$(sha256sum <"$part" | cut -d ' ' -f 1)"
        cat "$work/rows"
    } >"$part.manifest"
    sync "$part" "$part.manifest"
    # The dump last: where it is, all of it is.
    mv "$part.manifest" "$file.manifest"
    mv "$part" "$file"
    part=
    sync "$(dirname "$file")"
    echo "$file: $(noted bytes) bytes, $(noted rows.servers) servers, $(noted rows.runs) runs."
    echo 'The keys that tokens are encrypted with are not in it: keep a copy of Fleet:KeyFolder in another place.'
}

check() {
    local wrong
    wrong=$(complaint)
    [ -z "$wrong" ] || fail "$wrong"
    echo "$file is whole: made $(noted made), $(noted rows.servers) servers, $(noted rows.runs) runs."
}

restore() {
    local wrong found nodes
    wrong=$(complaint)
    [ -z "$wrong" ] || fail "$wrong; nothing was changed"
    found=$(sql "select count(*) from pg_namespace where nspname = '$schema'")
    [ "$found" = 0 ] || [ -n "$replace" ] ||
        fail "the database has a schema $schema already; nothing was changed (restore --replace removes it first)"
    nodes=$(sql "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'plexsync-fleet%'")
    [ "$nodes" = 0 ] || fail "nodes are connected to the database ($nodes connections): stop all of them first; nothing was changed"
    # One transaction, whose end is only written once all before it was: whatever fails, nothing has changed.
    {
        echo 'begin;'
        [ -z "$replace" ] || echo "drop schema if exists $schema cascade;"
        pg_restore --no-owner --no-privileges -f - "$file" && afterwards && echo 'commit;'
    } | psql -Xq -v ON_ERROR_STOP=1 >/dev/null 2>"$work/error" ||
        fail "$(grep -m 1 ERROR "$work/error" || tail -n 1 "$work/error"); nothing was changed"
    local counted="select '\1' where (select count(*) from $schema.\1) <> \2 union all"
    wrong=$(sql "$(sed -n "s/^rows\.\(.*\)=\(.*\)/$counted/p" "$file.manifest") (select '' limit 0)")
    [ -z "$wrong" ] || fail "not all rows are there in: $wrong"
    echo "Restored from $(noted made): $(noted rows.servers) servers, $(noted rows.runs) runs."
    echo 'Start the nodes with the key folder of that time: without it, every token and PIN has to be entered again.'
}

# The nodes of that time are gone. Leases and what they had begun are not in the dump, but triggers may be left as taken by them, which only
# their own records would set free. A node of that time that still hangs somewhere must not find its lease again: numbers go on far above.
afterwards() {
    cat <<SQL
select setval('$schema.lease_numbers', nextval('$schema.lease_numbers') + 1000000000);
do \$\$
begin
    if to_regclass('$schema.qrtz_triggers') is not null then
        update $schema.qrtz_triggers set trigger_state = 'WAITING' where trigger_state in ('ACQUIRED', 'EXECUTING', 'BLOCKED');
        update $schema.qrtz_triggers set trigger_state = 'PAUSED' where trigger_state = 'PAUSED_BLOCKED';
    end if;
end
\$\$;
-- Somebody agreed to them, or asked for them, before it was known that there would be another past; what they show is of that time.
update $schema.orders set state = 'Failed', error = 'The database was restored from a backup. Ask again.', changed_at = now()
where state in ('Planning', 'Planned', 'Applying');
SQL
}

"$command"
