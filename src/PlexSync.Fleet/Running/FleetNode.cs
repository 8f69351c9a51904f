using System.Reflection;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>This node, and how many there are.</summary>
internal sealed class FleetNode(Database database, IOptions<FleetOptions> options)
{
    /// <summary>After so long without a word a node counts as gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public string Name => options.Value.Node;

    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>Says that this node is up, and counts those that are.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken) => (await database.QueryAsync(
        """
        with here as (
            insert into nodes values ($1, $2, clock_timestamp())
            on conflict (name) do update set version = excluded.version, seen_at = excluded.seen_at),
        gone as (delete from nodes where seen_at < clock_timestamp() - interval '1 day' and name <> $1)
        select 1 + count(*) from nodes where name <> $1 and seen_at > clock_timestamp() - $3::interval
        """,
        [Name, Version, Silence],
        static row => (int)row.GetInt64(0),
        cancellationToken).ConfigureAwait(false))[0];
}
