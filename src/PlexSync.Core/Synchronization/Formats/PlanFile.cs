using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>A plan as one JSON document, for people to review and for <c>apply</c> to read.</summary>
internal static class PlanFile
{
    public const string Format = "plexsync-plan";
    public const int Version = 1;

    /// <summary>Several plans that belong together, as those of two directions do.</summary>
    private const string SetFormat = "plexsync-plans";

    public static Task WriteAsync(SyncPlan plan, Stream output, CancellationToken cancellationToken) =>
        WriteAllAsync([plan], output, cancellationToken);

    public static async Task WriteAllAsync(IReadOnlyList<SyncPlan> plans, Stream output, CancellationToken cancellationToken)
    {
        using var writer = new PlanWriter(output);
        await (plans is [var single]
            ? writer.WriteAsync(ToWire(single), cancellationToken)
            : writer.WriteAsync(new WireFormat { Format = SetFormat, Version = Version }, plans.Select(ToWire), cancellationToken))
            .ConfigureAwait(false);
    }

    public static async Task<SyncPlan> ReadAsync(Stream input, CancellationToken cancellationToken) =>
        await ReadAllAsync(input, cancellationToken).ConfigureAwait(false) is [var single] ? single : throw PlanMapping.Senseless("plans");

    public static async Task<IReadOnlyList<SyncPlan>> ReadAllAsync(Stream input, CancellationToken cancellationToken)
    {
        var name = (input as FileStream)?.Name ?? "the plan";
        try
        {
            // Read twice: what a newer version wrote may not even have the shape that this one knows.
            using var copy = new MemoryStream();
            await input.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
            copy.Position = 0;
            var found = await JsonSerializer.DeserializeAsync(copy, FileJsonContext.Compact.WireFormat, cancellationToken)
                .ConfigureAwait(false);
            var isSet = found?.Format == SetFormat;
            Require(found, isSet ? SetFormat : Format, Version, name);
            copy.Position = 0;
            if (!isSet)
            {
                return [ToPlan(await ReadAsync(FileJsonContext.Compact.WirePlan).ConfigureAwait(false))];
            }

            var set = PlanMapping.Given((await ReadAsync(FileJsonContext.Compact.WirePlans).ConfigureAwait(false)).Plans).ToList();
            set.ForEach(
                plan => Require(new WireFormat { Format = PlanMapping.Given(plan).Format, Version = plan.Version }, Format, Version, name));
            var plans = set.ConvertAll(ToPlan);
            return plans.Count > 0
                && plans.DistinctBy(static plan => new ServerUser(plan.Server.MachineIdentifier, plan.Target.Id)).Count() == plans.Count
                ? plans
                : throw PlanMapping.Senseless("plans");

            async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
                where T : class =>
                    await JsonSerializer.DeserializeAsync(copy, type, cancellationToken).ConfigureAwait(false) ?? throw Unusable(name);
        }
        catch (JsonException e)
        {
            throw Unusable(name, e);
        }
    }

    /// <summary>
    /// Refuses a plan that no file could hold. One that was made elsewhere may say anything, as that it marks a whole show, and what the
    /// store keeps of its run has to be readable.
    /// </summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.InvalidPlan"/>.</exception>
    public static void RequireSense(SyncPlan plan)
    {
        var isWhole = plan is { Server: not null, Source: not null, Target: not null }
            && plan.MoreSources.All(static user => user is not null)
            && plan.Libraries.All(static one => one is { Library: not null })
            && plan.Changes.All(static change => change is { Item: not null, Basis: null or { Items: not null } })
            && plan.Skipped.All(static skipped => skipped is { Item: not null });
        var read = isWhole ? Return(plan) : throw PlanMapping.Senseless("null");
        for (var at = 0; at < read.Changes.Count; at++)
        {
            if (read.Changes[at].Basis is null != plan.Changes[at].Basis is null)
            {
                throw PlanMapping.Senseless($"{read.Changes[at].Item.RatingKey}");
            }
        }
    }

    /// <summary>The plan as it would come back from a file.</summary>
    private static SyncPlan Return(SyncPlan plan)
    {
        try
        {
            return ToPlan(ToWire(plan));
        }
        catch (JsonException)
        {
            throw PlanMapping.Senseless("null");
        }
    }

    private static WirePlan ToWire(SyncPlan plan) => PlanMapping.WithHeader(
        new WirePlan
        {
            Format = Format,
            Version = Version,
            CreatedAt = plan.CreatedAt.UtcDateTime,
            PlayingUnknown = plan.IsPlayingKnown ? null : true,
            OnlyChanged = plan.Reading is ReadingScope.Changed ? true : null,
            Changes = plan.Changes.Select(PlanMapping.ToWire),
            Skipped = plan.Skipped.Select(PlanMapping.ToWire),
        },
        plan);

    /// <summary>Refuses what is no file of this kind, and what a newer version wrote.</summary>
    public static void Require(WireFormat? found, string format, int version, string name)
    {
        if (found?.Format != format || found.Version is not > 0)
        {
            throw Unusable(name);
        }

        if (found.Version > version)
        {
            throw new PlexException(
                PlexErrorKind.UnsupportedVersion,
                $"'{name}' has format version {found.Version}; this version of PlexSync reads up to {version}.")
            {
                Subject = name,
            };
        }
    }

    public static PlexException Unusable(string name, Exception? inner = null) =>
        new(PlexErrorKind.InvalidFile, $"'{name}' is cut, damaged, or no such file of PlexSync.", inner) { Subject = name };

    private static SyncPlan ToPlan(WirePlan wire)
    {
        var changes = PlanMapping.Given(wire.Changes).Select(PlanMapping.ToChange).ToList();
        var keys = new HashSet<ChangeKey>();
        foreach (var change in changes)
        {
            _ = keys.Add(change.Key) ? 0 : throw PlanMapping.Senseless($"{change.Item.RatingKey}");
        }

        return PlanMapping.ToPlan(wire, wire.CreatedAt, changes) with
        {
            IsPlayingKnown = wire.PlayingUnknown is not true,
            Reading = wire.OnlyChanged is true ? ReadingScope.Changed : ReadingScope.Whole,
            Skipped = PlanMapping.Given(wire.Skipped).Select(PlanMapping.ToSkip).ToList(),
        };
    }
}
