using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Catalogue;
using Quartz;

namespace PlexSync.Fleet.Scheduling;

/// <summary>Brings the catalogue and the scheduler together; any node may, since both are in the database.</summary>
internal sealed class FleetDirector(
    ISchedulerFactory schedulers, ServerCatalogue catalogue, Orders orders, IOptions<FleetOptions> options, TimeProvider time)
    : IFleetDirector
{
    private const string Regular = "every";

    /// <summary>Somebody waits for it; what is regular has 5.</summary>
    private const int Urgent = 6;

    /// <summary>
    /// After 5, 13, 26, 46, 79, 131 and 214 s: a target that a node left behind is free again within a minute. What is away for longer
    /// waits for the next regular run.
    /// </summary>
    public static readonly RetryPolicy Retries = RetryPolicy.Exponential(7, TimeSpan.FromSeconds(5), 1.6, TimeSpan.FromMinutes(2), 0.2);

    public async Task<IReadOnlyDictionary<(string Server, string Job), DateTimeOffset>> GetNextRunsAsync(
        string? server, CancellationToken cancellationToken)
    {
        var next = new Dictionary<(string, string), DateTimeOffset>();
        foreach (var trigger in await ListAsync(server, cancellationToken).ConfigureAwait(false))
        {
            var key = (trigger.JobKey.Group, trigger.JobKey.Name);
            if (trigger.NextFireTimeUtc is { } at && (!next.TryGetValue(key, out var known) || at < known))
            {
                next[key] = at;
            }
        }

        return next;
    }

    public async Task RunSoonAsync(string server, string job, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(server, job, cancellationToken).ConfigureAwait(false) is { } found)
        {
            await ScheduleAsync(
                TriggerBuilder.Create().WithIdentity($"now:{found.Job.Name}", server).ForJob(new JobKey(found.Job.Name, server)).StartNow(),
                cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task SetPausedAsync(string server, string? job, bool isPaused, CancellationToken cancellationToken)
    {
        await catalogue.SetPausedAsync(server, job, isPaused, cancellationToken).ConfigureAwait(false);
        await ScheduleAsync(server, cancellationToken).ConfigureAwait(false);
    }

    public Task<long> PlanAsync(string server, string job, CancellationToken cancellationToken) =>
        OrderAsync(server, job, undoes: null, cancellationToken);

    public Task<long> PlanUndoAsync(string server, string job, RunId run, CancellationToken cancellationToken) =>
        OrderAsync(server, job, run, cancellationToken);

    public async Task<bool> ApplyAsync(long order, CancellationToken cancellationToken)
    {
        var isOurs = await orders.TryMoveAsync(order, OrderState.Planned, OrderState.Applying, cancellationToken).ConfigureAwait(false);
        // Where the answer to that was lost and it was sent again, it is not ours though it is: then it must still be worked on.
        if (await orders.FindAsync(order, cancellationToken).ConfigureAwait(false) is { State: OrderState.Applying } found)
        {
            await WorkOnAsync(found.Server, order, OrderState.Applying, cancellationToken).ConfigureAwait(false);
        }

        return isOurs;
    }

    public Task<bool> DiscardAsync(long order, CancellationToken cancellationToken) =>
        orders.TryMoveAsync(order, OrderState.Planned, OrderState.Discarded, cancellationToken);

    public async Task SaveAsync(FleetServer server, ServerSecrets secrets, CancellationToken cancellationToken)
    {
        await catalogue.SaveAsync(server, secrets, cancellationToken).ConfigureAwait(false);
        await ScheduleAsync(server.Name, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> RemoveAsync(string server, CancellationToken cancellationToken)
    {
        var isGone = await catalogue.RemoveAsync(server, cancellationToken).ConfigureAwait(false);
        await ScheduleAsync(server, cancellationToken).ConfigureAwait(false);
        return isGone;
    }

    /// <summary>Makes the scheduler have what the catalogue says, of all servers.</summary>
    public async Task ScheduleAllAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        // Before the servers: a server that is added in between must not lose its jobs.
        var jobs = await scheduler.QueryJobs(new JobQuery { Take = PagedQuery.All }, cancellationToken).ConfigureAwait(false);
        var triggers = (await ListAsync(server: null, cancellationToken).ConfigureAwait(false)).ToLookup(static one => one.Key.Group);
        var servers = await catalogue.ListAsync(cancellationToken).ConfigureAwait(false);
        var known = jobs.Items.ToLookup(static job => job.Key.Group, static job => job.Key);
        foreach (var server in servers)
        {
            await ScheduleAsync(server, known[server.Name].ToHashSet(), [.. triggers[server.Name]], cancellationToken)
                .ConfigureAwait(false);
        }

        // Whoever asked for them, or agreed to them, was cut off before the scheduler knew.
        foreach (var order in await orders.ListWaitingAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!triggers[order.Server].Any(trigger => trigger.Key.Name == NameOf(order.Server, order.Id, order.State)))
            {
                await WorkOnAsync(order.Server, order.Id, order.State, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var gone in known.Where(group => servers.All(server => server.Name != group.Key)))
        {
            await scheduler.DeleteJobs([.. gone], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the scheduler have what the catalogue says, of one server.</summary>
    private async Task ScheduleAsync(string name, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        var jobs = await scheduler.QueryJobs(
            new JobQuery { Group = GroupMatcher<JobKey>.GroupEquals(name), Take = PagedQuery.All }, cancellationToken)
            .ConfigureAwait(false);
        await ScheduleAsync(
            await catalogue.FindAsync(name, cancellationToken).ConfigureAwait(false) ?? new FleetServer { Name = name },
            jobs.Items.Select(static job => job.Key).ToHashSet(),
            await ListAsync(name, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task ScheduleAsync(
        FleetServer server, HashSet<JobKey> known, IReadOnlyList<TriggerHeader> triggers, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        var wanted = new Dictionary<TriggerKey, FleetJob>();
        foreach (var job in server.Jobs.Where(job => !server.IsLive && !job.IsPaused))
        {
            // The name has the interval, so that another one is another trigger, and one that has not changed keeps its times.
            wanted.Add(new TriggerKey(
                string.Create(CultureInfo.InvariantCulture, $"{Regular}:{EveryOf(server).TotalSeconds:0}:{job.Name}"), server.Name), job);
        }

        // What is new goes in one transaction: each waits for a lock that the whole cluster shares.
        var news = server.Jobs.Where(job => !known.Contains(new JobKey(job.Name, server.Name))).ToDictionary(
            job => JobBuilder.Create<SyncRunJob>().WithIdentity(job.Name, server.Name).StoreDurably().RequestRecovery().Build(),
            job => (IReadOnlyCollection<ITrigger>)[.. wanted.Where(one => one.Value.Name == job.Name).Select(one => Build(one.Key, job))]);
        if (news.Count > 0)
        {
            await scheduler.ScheduleJobs(news, new ScheduleJobOptions { Replace = true }, cancellationToken).ConfigureAwait(false);
        }

        var odd = triggers.Where(trigger =>
            trigger.Key.Name.StartsWith(Regular + ":", StringComparison.Ordinal) && !wanted.ContainsKey(trigger.Key))
            .Select(static trigger => trigger.Key).ToList();
        if (odd.Count > 0)
        {
            await scheduler.UnscheduleJobs(odd, cancellationToken).ConfigureAwait(false);
        }

        var stored = triggers.Select(static trigger => trigger.Key)
            .Concat(news.Values.SelectMany(static added => added, static (_, trigger) => trigger.Key));
        foreach (var (key, job) in wanted.ExceptBy(stored, static one => one.Key))
        {
            await ScheduleAsync(Regularly(key, job), cancellationToken).ConfigureAwait(false);
        }

        var gone = known.Where(key => server.Jobs.All(job => job.Name != key.Name) && !OrderJob.IsOrder(key)).ToList();
        if (gone.Count > 0)
        {
            await scheduler.DeleteJobs(gone, cancellationToken).ConfigureAwait(false);
        }

        TriggerBuilder<IJob> Regularly(TriggerKey key, FleetJob job)
        {
            var every = EveryOf(server);
            return TriggerBuilder.Create().WithIdentity(key).ForJob(new JobKey(job.Name, server.Name))
                .StartAt(time.GetUtcNow() + Share(key, every))
                .WithCalendarIntervalSchedule(schedule => schedule
                    .WithInterval((int)every.TotalSeconds, IntervalUnit.Second)
                    .InTimeZone(TimeZoneInfo.Utc)
                    // After an outage each job runs once, however many of its times have passed, and then at its times again.
                    .WithMisfireInstruction(CalendarIntervalTriggerMisfireInstruction.FireAndProceed));
        }

        ITrigger Build(TriggerKey key, FleetJob job) => Regularly(key, job).WithRetryPolicy(Retries).Build();
    }

    private async Task<long> OrderAsync(string server, string job, RunId? undoes, CancellationToken cancellationToken)
    {
        var order = await orders.AddAsync(server, job, undoes, cancellationToken).ConfigureAwait(false);
        await WorkOnAsync(server, order, OrderState.Planning, cancellationToken).ConfigureAwait(false);
        return order;
    }

    /// <summary>Its planning may not have ended for the scheduler when it is agreed to.</summary>
    private static string NameOf(string server, long order, OrderState state) => $"{OrderJob.KeyOf(server, order).Name}:{state}";

    /// <summary>Lets a node work on an order, within the limits of its server.</summary>
    private async Task WorkOnAsync(string server, long order, OrderState state, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        var key = OrderJob.KeyOf(server, order);
        var job = JobBuilder.Create<OrderJob>().WithIdentity(key).RequestRecovery().Build();
        var trigger = TriggerBuilder.Create().WithIdentity(NameOf(server, order, state), server).ForJob(key).StartNow().WithPriority(Urgent)
            .WithRetryPolicy(Retries).Build();
        // At once: between the two, the end of its planning would remove a job that nothing triggers any more.
        await scheduler.ScheduleJobs(
            new Dictionary<IJobDetail, IReadOnlyCollection<ITrigger>> { [job] = [trigger] },
            new ScheduleJobOptions { Replace = true },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task ScheduleAsync(TriggerBuilder<IJob> trigger, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        // Where it is there already, somebody else has just asked for the same.
        await scheduler.ScheduleTrigger(trigger.WithRetryPolicy(Retries).Build(), TriggerConflict.Keep, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<TriggerHeader>> ListAsync(string? server, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken).ConfigureAwait(false);
        var query = new TriggerQuery
        {
            Group = server is null ? null : GroupMatcher<TriggerKey>.GroupEquals(server),
            Take = PagedQuery.All,
        };
        return (await scheduler.QueryTriggers(query, cancellationToken).ConfigureAwait(false)).Items;
    }

    private TimeSpan EveryOf(FleetServer server) => server.Every ?? options.Value.Every;

    /// <summary>Where in the interval a job runs: at a time of its own, so that a thousand jobs do not start at once.</summary>
    private static TimeSpan Share(TriggerKey key, TimeSpan every) =>
        every * (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{key}")) / (double)ulong.MaxValue);
}
