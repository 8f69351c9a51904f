using Npgsql;

namespace PlexSync.Fleet.Storage;

/// <summary>
/// Rights that end by themselves unless they are renewed: who stops renewing, in whatever way, loses them. Each has a number that is larger
/// than that of every earlier lease, which the statements that write check.
/// </summary>
/// <remarks>
/// By the database's clock a lease ends when its time is over; its holder counts from before the request that renewed it was sent, by a
/// clock that only goes forward, and by the time of day if that says more. So the holder always stops first.
/// </remarks>
internal sealed class Leases : IAsyncDisposable
{
    /// <summary>How often leases are renewed: several times in the shortest of them.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Database _database;
    private readonly string _holder;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Lease> _held = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _renewing;

    public Leases(Database database, string holder, TimeProvider time)
    {
        (_database, _holder, _time) = (database, holder, time);
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>Takes a lease that nobody holds; null if somebody does.</summary>
    public async Task<Lease?> TryTakeAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        await _database.RunAsync((connection, token) => TryTakeAsync(connection, name, duration, token), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The same within the transaction of a connection: it is held once that is committed, and <see cref="Keep"/> is called.</summary>
    public async Task<Lease?> TryTakeAsync(
        NpgsqlConnection connection, string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        var sent = Sent.Now(_time);
        using var command = Database.Prepare(
            connection,
            """
            insert into leases as lease values ($1, nextval('lease_numbers'), $2, clock_timestamp() + $3)
            on conflict (name) do update set number = excluded.number, holder = excluded.holder, expires_at = excluded.expires_at
            where lease.expires_at <= clock_timestamp()
            returning number
            """,
            name, _holder, duration);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long number
            ? new Lease(this, _time, name, number, duration, sent)
            : null;
    }

    /// <summary>Renews it from here on, until it is released.</summary>
    public Lease Keep(Lease lease)
    {
        lock (_held)
        {
            _held[lease.Name] = lease;
        }

        return lease;
    }

    /// <summary>Who holds a lease; null if nobody does.</summary>
    public async Task<string?> FindHolderAsync(string name, CancellationToken cancellationToken) =>
        (await _database.QueryAsync(
            "select holder from leases where name = $1 and expires_at > clock_timestamp()",
            [name],
            static row => row.GetString(0),
            cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>Sends a statement that does nothing once a lease is not that of its holder any more (<see cref="Lease.WriteAsync"/>).</summary>
    /// <returns>Whether it was.</returns>
    public async Task<bool> TryWriteAsync(Lease lease, string parts, object?[] values, CancellationToken cancellationToken) =>
        await _database.QueryAsync(
            $"""
            with held as (select 1 from leases where name = $1 and number = $2 and expires_at > clock_timestamp() for share),
            {parts}
            select count(*) from held
            """,
            [lease.Name, lease.Number, .. values],
            static row => row.GetInt64(0),
            cancellationToken).ConfigureAwait(false) is [1];

    /// <summary>Gives a lease back. Where that fails, it ends by itself.</summary>
    public async ValueTask ReleaseAsync(Lease lease)
    {
        lock (_held)
        {
            if (_held.GetValueOrDefault(lease.Name) == lease)
            {
                _held.Remove(lease.Name);
            }
        }

        if (!lease.End())
        {
            return;
        }

        try
        {
            await _database.ExecuteAsync(
                "delete from leases where name = $1 and number = $2", [lease.Name, lease.Number], CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (Database.IsFailure(e) || e is InvalidOperationException)
        {
            // It ends by itself.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            Lease[] held;
            lock (_held)
            {
                held = [.. _held.Values];
            }

            if (held.Length == 0)
            {
                continue;
            }

            try
            {
                await RenewAsync(held).ConfigureAwait(false);
            }
            catch (Exception e) when (Database.IsFailure(e))
            {
                // Until the database answers again, each lease runs out by itself.
            }
        }
    }

    private async Task RenewAsync(Lease[] held)
    {
        var (sent, renewed) = await _database.RunAsync(
            async (connection, token) =>
            {
                var sent = Sent.Now(_time);
                using var command = Database.Prepare(
                    connection,
                    """
                    update leases set expires_at = clock_timestamp() + held.duration
                    from unnest($1::text[], $2::bigint[], $3::interval[]) as held (name, number, duration)
                    where leases.name = held.name and leases.number = held.number and leases.expires_at > clock_timestamp()
                    returning leases.number
                    """,
                    held.Select(static lease => lease.Name).ToArray(),
                    held.Select(static lease => lease.Number).ToArray(),
                    held.Select(static lease => lease.Duration).ToArray());
                using var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                var numbers = new HashSet<long>();
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    numbers.Add(reader.GetInt64(0));
                }

                return (sent, numbers);
            },
            _stopping.Token).ConfigureAwait(false);
        foreach (var lease in held)
        {
            if (renewed.Contains(lease.Number))
            {
                lease.Renew(sent);
            }
            else
            {
                lease.End();
            }
        }
    }
}

/// <summary>One right, as long as it lasts.</summary>
internal sealed class Lease(Leases leases, TimeProvider time, string name, long number, TimeSpan duration, Sent takenAt) : IAsyncDisposable
{
    private Sent _since = takenAt;
    private int _isOver;

    public string Name => name;

    public long Number => number;

    public TimeSpan Duration => duration;

    /// <summary>How long it still lasts; nothing where it is over.</summary>
    public TimeSpan Left => Volatile.Read(ref _isOver) != 0 ? TimeSpan.Zero : duration - Volatile.Read(ref _since).GetElapsed(time);

    /// <summary>It was renewed by a request that was sent then.</summary>
    public void Renew(Sent sent) => Volatile.Write(ref _since, sent);

    /// <summary>It is not held any more. False if that was known.</summary>
    public bool End() => Interlocked.Exchange(ref _isOver, 1) == 0;

    /// <exception cref="PlexException"><see cref="PlexErrorKind.LeaseLost"/>.</exception>
    public void RequireFor(TimeSpan requested)
    {
        if (Left <= requested)
        {
            throw Lost();
        }
    }

    /// <summary>
    /// Writes to the database if the lease is still that of its holder, by its number and the database's clock, and holds on to it until
    /// that is done.
    /// </summary>
    /// <param name="parts">What is written, as parts of a <c>with</c> that select from <c>held</c>; the first value is $3.</param>
    /// <param name="values">The values.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>True.</returns>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.LeaseLost"/>.</exception>
    public async Task<bool> WriteAsync(string parts, object?[] values, CancellationToken cancellationToken)
    {
        if (!await leases.TryWriteAsync(this, parts, values, cancellationToken).ConfigureAwait(false))
        {
            End();
            throw Lost();
        }

        return true;
    }

    private PlexException Lost() => new(PlexErrorKind.LeaseLost, $"Another node may hold '{name}' by now.") { Subject = name };

    public ValueTask DisposeAsync() => leases.ReleaseAsync(this);
}

/// <summary>When a request was sent, by the clock that only goes forward and by the time of day.</summary>
/// <remarks>
/// Linux does not move the former on while the machine is suspended, so the one that says more counts: a time of day that is put back
/// changes nothing, and one that is put forward ends a lease early.
/// </remarks>
internal sealed class Sent
{
    private readonly long _forward;
    private readonly DateTimeOffset _day;

    private Sent(long forward, DateTimeOffset day) => (_forward, _day) = (forward, day);

    public static Sent Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

    public TimeSpan GetElapsed(TimeProvider time)
    {
        var (forward, day) = (time.GetElapsedTime(_forward), time.GetUtcNow() - _day);
        return forward > day ? forward : day;
    }
}
