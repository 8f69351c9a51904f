using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PlexSync.Fleet.Storage;

/// <summary>
/// Agreements while nobody else can change those of the same servers: what is needed of that is taken when it is first asked for.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="hold">Waits until nobody else changes the agreements of a server.</param>
internal sealed class StoredAgreements(Database database, Func<MachineIdentifier, Task<Lease>> hold) : IAgreementsChange, IAsyncDisposable
{
    private readonly Dictionary<MachineIdentifier, Lease> _held = [];

    /// <summary>Null if nothing usable is stored.</summary>
    public static async Task<Agreements?> ReadAsync(
        Database database, ServerUser one, ServerUser other, CancellationToken cancellationToken)
    {
        var wanted = new Agreements(one, other);
        var rows = await database.QueryAsync(
            "select items from agreements where one_server = $1 and one_user = $2 and other_server = $3 and other_user = $4",
            KeyOf(wanted),
            static row => row.GetFieldValue<byte[]>(0),
            cancellationToken).ConfigureAwait(false);
        return rows is [var items] ? FleetJson.TryRead(items, FleetJson.Default.Agreements) : null;
    }

    public async Task<Agreements?> ReadAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default)
    {
        await HoldAsync([one.Server, other.Server]).ConfigureAwait(false);
        return await ReadAsync(database, one, other, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<Agreements> ListAsync(
        ServerUser user, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await HoldAsync([user.Server]).ConfigureAwait(false);
        var pairs = await database.QueryAsync(
            """
            select one_server, one_user, other_server, other_user from agreements
            where (one_server = $1 and one_user = $2) or (other_server = $1 and other_user = $2)
            """,
            [$"{user.Server}", user.User.Value],
            static row => (
                One: new ServerUser(MachineIdentifier.Parse(row.GetString(0)), new UserId(row.GetInt64(1))),
                Other: new ServerUser(MachineIdentifier.Parse(row.GetString(2)), new UserId(row.GetInt64(3)))),
            cancellationToken).ConfigureAwait(false);
        foreach (var (one, other) in pairs)
        {
            if (await ReadAsync(one, other, cancellationToken).ConfigureAwait(false) is { } agreements)
            {
                yield return agreements;
            }
        }
    }

    public async Task WriteAsync(Agreements agreements, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agreements);
        await HoldAsync([agreements.One.Server, agreements.Other.Server]).ConfigureAwait(false);
        await _held[agreements.One.Server].WriteAsync(
            """
            written as (
                insert into agreements select $3, $4, $5, $6, $7 from held
                on conflict (one_server, one_user, other_server, other_user) do update set items = excluded.items)
            """,
            [.. KeyOf(agreements), JsonSerializer.SerializeToUtf8Bytes(agreements, FleetJson.Default.Agreements)],
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _held.Values)
        {
            await lease.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task HoldAsync(IEnumerable<MachineIdentifier> servers)
    {
        foreach (var server in servers.Distinct().OrderBy(static server => $"{server}", StringComparer.Ordinal))
        {
            if (!_held.ContainsKey(server))
            {
                _held.Add(server, await hold(server).ConfigureAwait(false));
            }
        }
    }

    private static object?[] KeyOf(Agreements agreements) =>
        [$"{agreements.One.Server}", agreements.One.User.Value, $"{agreements.Other.Server}", agreements.Other.User.Value];
}
