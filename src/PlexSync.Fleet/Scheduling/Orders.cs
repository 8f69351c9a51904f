using Npgsql;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Scheduling;

/// <summary>What has become of an order.</summary>
internal enum OrderState
{
    /// <summary>A node will plan it.</summary>
    Planning,

    /// <summary>The plans wait to be looked at.</summary>
    Planned,

    /// <summary>Somebody has agreed; a node will carry it out.</summary>
    Applying,

    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>It could not be planned or carried out.</summary>
    Failed,

    /// <summary>Somebody has looked at it and does not want it.</summary>
    Discarded,
}

/// <summary>A plan that somebody asked for: it is made, looked at, and carried out only after that.</summary>
internal sealed record Order
{
    public required long Id { get; init; }

    /// <summary>The server by its name here.</summary>
    public required string Server { get; init; }

    public required string Job { get; init; }

    /// <summary>The run that it takes back; null where it is a sync.</summary>
    public RunId? Undoes { get; init; }

    public required OrderState State { get; init; }

    /// <summary>The run that it became, once it has written something.</summary>
    public RunId? Run { get; init; }

    /// <summary>Why it failed, as a sentence.</summary>
    public string? Error { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>The orders, as the database has them.</summary>
internal sealed class Orders(Database database)
{
    private const string Columns = "id, server, job, undoes, state, run, error, asked_at, changed_at";

    /// <summary>Notes that somebody asks for a plan, and forgets old ones; gives the number of the order.</summary>
    public async Task<long> AddAsync(string server, string job, RunId? undoes, CancellationToken cancellationToken) =>
        (await database.QueryAsync(
            """
            with old as (delete from orders where server = $1 and changed_at < now() - interval '30 days')
            insert into orders (server, job, undoes, state) values ($1, $2, $3, 'Planning') returning id
            """,
            [server, job, undoes is { } run ? $"{run}" : null],
            static row => row.GetInt64(0),
            cancellationToken).ConfigureAwait(false))[0];

    /// <summary>One order; null if there is none.</summary>
    public async Task<Order?> FindAsync(long id, CancellationToken cancellationToken) =>
        (await database.QueryAsync($"select {Columns} from orders where id = $1", [id], Read, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault();

    /// <summary>The last orders of a server, the newest first.</summary>
    public async Task<IReadOnlyList<Order>> ListAsync(string server, int most, CancellationToken cancellationToken) =>
        await database.QueryAsync(
            $"select {Columns} from orders where server = $1 order by id desc limit $2", [server, most], Read, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The orders that a node has to work on.</summary>
    public async Task<IReadOnlyList<Order>> ListWaitingAsync(CancellationToken cancellationToken) =>
        await database.QueryAsync(
            $"select {Columns} from orders where state in ('Planning', 'Applying') order by id", [], Read, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Moves an order on, if it is in the state in which it was seen: of two people or nodes who do, one succeeds.
    /// </summary>
    public async Task<bool> TryMoveAsync(
        long id, OrderState from, OrderState to, CancellationToken cancellationToken, string? error = null, RunId? run = null) =>
        await database.ExecuteAsync(
            "update orders set state = $3, error = $4, run = $5, changed_at = now() where id = $1 and state = $2",
            [id, $"{from}", $"{to}", error, run is { } name ? $"{name}" : null],
            cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>The plans of an order, one for each target; empty before it was planned.</summary>
    public async Task<IReadOnlyList<SyncPlan>> ReadPlansAsync(long id, CancellationToken cancellationToken)
    {
        var plans = new List<SyncPlan>();
        foreach (var text in await database.QueryAsync(
            "select unnest(plans) from orders where id = $1", [id], static row => row.GetFieldValue<byte[]>(0), cancellationToken)
            .ConfigureAwait(false))
        {
            plans.Add(await PlanText.ReadAsync(text, cancellationToken).ConfigureAwait(false));
        }

        return plans;
    }

    /// <summary>Stores the plans, to be looked at. False if nobody waits for them any more.</summary>
    public async Task<bool> TryStorePlansAsync(long id, IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var texts = new List<byte[]>();
        foreach (var plan in plans)
        {
            texts.Add(await PlanText.WriteAsync(plan, cancellationToken).ConfigureAwait(false));
        }

        return await database.ExecuteAsync(
            "update orders set state = 'Planned', plans = $2, changed_at = now() where id = $1 and state = 'Planning'",
            [id, texts.ToArray()],
            cancellationToken).ConfigureAwait(false) == 1;
    }

    private static Order Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Server = row.GetString(1),
        Job = row.GetString(2),
        Undoes = row.IsDBNull(3) ? null : RunId.Parse(row.GetString(3)),
        State = Enum.Parse<OrderState>(row.GetString(4)),
        Run = row.IsDBNull(5) ? null : RunId.Parse(row.GetString(5)),
        Error = row.IsDBNull(6) ? null : row.GetString(6),
        AskedAt = row.GetFieldValue<DateTimeOffset>(7),
        ChangedAt = row.GetFieldValue<DateTimeOffset>(8),
    };
}
