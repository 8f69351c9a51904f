namespace PlexSync;

/// <summary>Lines of a snapshot: a header, one for each item, and a last one that vouches for the whole.</summary>
internal sealed class SnapshotLines
{
    /// <summary>The most bytes of a line, without its end: far more than an item needs.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly JsonLines _lines = new();

    public ReadOnlyMemory<byte> Bytes => _lines.Bytes;

    /// <summary>The rating keys of the items.</summary>
    public List<RatingKey> Keys { get; } = [];

    public void AddHeader(DateTimeOffset createdAt, ServerReference server, UserReference user, IEnumerable<Library> libraries) => Check(
        server.Name,
        _lines.Add(
            new SnapshotHeader
            {
                Format = SnapshotHeader.SnapshotFormat,
                Version = SnapshotHeader.CurrentVersion,
                CreatedAt = createdAt,
                Server = PlanMapping.ToWire(server),
                User = PlanMapping.ToWire(user),
                Libraries = libraries.Select(static library => PlanMapping.WithLibrary(new WireLibraryName(), library)),
            },
            SnapshotJsonContext.Default.SnapshotHeader));

    public void Add(MediaItem item, LibraryKey library)
    {
        Keys.Add(item.RatingKey);
        var record = new SnapshotRecord
        {
            Guid = item.PlexGuid,
            Ids = item.ExternalIds.Count > 0 ? item.ExternalIds : null,
            ViewCount = item.State.ViewCount,
            PositionMs = (long)item.State.Position.TotalMilliseconds,
            LastViewedAt = item.State.LastViewedAt,
            UserRating = item.State.UserRating,
        };
        Check(item.DisplayTitle, _lines.Add(PlanMapping.WithItem(record, item, library), SnapshotJsonContext.Default.SnapshotRecord));
    }

    public void AddFooter(int count) => _lines.Add(new SnapshotFooter { Count = count }, SnapshotJsonContext.Default.SnapshotFooter);

    private static void Check(string subject, int length)
    {
        if (length > LongestLine)
        {
            throw new PlexException(PlexErrorKind.InvalidResponse, $"What the server says of {subject} is longer than a snapshot can hold.")
            {
                Subject = subject,
            };
        }
    }
}
