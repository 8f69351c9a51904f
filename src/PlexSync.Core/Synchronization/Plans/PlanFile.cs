using System.Text.Json;

namespace PlexSync;

/// <summary>A plan as one JSON document, for people to review and for <c>apply</c> to read.</summary>
internal static class PlanFile
{
    public const string Format = "plexsync-plan";
    public const int Version = 1;

    public static Task WriteAsync(SyncPlan plan, Stream output, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(
            output,
            new WirePlan
            {
                Format = Format,
                Version = Version,
                CreatedAt = plan.CreatedAt.UtcDateTime,
                Server = PlanMapping.ToWire(plan.Server),
                Source = PlanMapping.ToWire(plan.Source),
                Target = PlanMapping.ToWire(plan.Target),
                Identity = PlanMapping.Word(plan.Identity),
                Policy = plan.Policy,
                Undoes = plan.Undoes?.ToString(),
                PlayingUnknown = plan.IsPlayingKnown ? null : true,
                Libraries = plan.Libraries.Select(PlanMapping.ToWire),
                Changes = plan.Changes.Select(PlanMapping.ToWire),
                Skipped = plan.Skipped.Select(PlanMapping.ToWire),
            },
            FileJsonContext.Readable.WirePlan,
            cancellationToken);

    public static async Task<SyncPlan> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var name = (input as FileStream)?.Name ?? "the plan";
        try
        {
            // Read twice: what a newer version wrote may not even have the shape that this one knows.
            using var copy = new MemoryStream();
            await input.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
            copy.Position = 0;
            Require(await JsonSerializer.DeserializeAsync(copy, FileJsonContext.Compact.WireFormat, cancellationToken).ConfigureAwait(false), Format, Version, name);
            copy.Position = 0;
            var wire = await JsonSerializer.DeserializeAsync(copy, FileJsonContext.Compact.WirePlan, cancellationToken).ConfigureAwait(false)
                ?? throw Unusable(name);
            return ToPlan(wire);
        }
        catch (JsonException e)
        {
            throw Unusable(name, e);
        }
    }

    /// <summary>Refuses what is no file of this kind, and what a newer version wrote.</summary>
    public static void Require(WireFormat? found, string format, int version, string name)
    {
        if (found?.Format != format || found.Version is not > 0)
        {
            throw Unusable(name);
        }

        if (found.Version > version)
        {
            throw new PlexException(PlexErrorKind.UnsupportedVersion, $"'{name}' has format version {found.Version}; this version of PlexSync reads up to {version}.")
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
        var keys = new HashSet<RatingKey>();
        foreach (var change in changes)
        {
            _ = keys.Add(change.Item.RatingKey) ? 0 : throw PlanMapping.Senseless($"{change.Item.RatingKey}");
        }

        return new SyncPlan
        {
            CreatedAt = PlanMapping.ToDate(wire.CreatedAt),
            Server = PlanMapping.ToServer(wire.Server),
            Source = PlanMapping.ToUser(wire.Source),
            Target = PlanMapping.ToUser(wire.Target),
            Identity = PlanMapping.TryRead<IdentityProof>(wire.Identity) ?? throw PlanMapping.Senseless("identity"),
            Policy = PlanMapping.Given(wire.Policy),
            Undoes = wire.Undoes is null ? null : RunId.TryParse(wire.Undoes, out var run) ? run : throw PlanMapping.Senseless("undoes"),
            IsPlayingKnown = wire.PlayingUnknown is not true,
            Libraries = PlanMapping.Given(wire.Libraries).Select(PlanMapping.ToLibrary).ToList(),
            Changes = changes,
            Skipped = PlanMapping.Given(wire.Skipped).Select(PlanMapping.ToSkip).ToList(),
        };
    }
}
