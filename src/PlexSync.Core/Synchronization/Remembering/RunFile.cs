using System.Text.Json;

namespace PlexSync;

/// <summary>How far a run has come, by the last line of its file.</summary>
internal enum RunStage
{
    /// <summary>Its plan is not complete in the file: nothing was written to the server.</summary>
    NotBegun,

    /// <summary>It may have written to the server, and has not ended.</summary>
    Begun,

    /// <summary>It was completed.</summary>
    Finished,
}

/// <summary>Reads the file of a run. A killed process may leave a torn last line; any other damage is refused.</summary>
internal sealed class RunFile
{
    public const string Format = "plexsync-journal";
    public const int Version = 1;

    /// <summary>The most bytes of a line, which holds an item or the libraries of a server.</summary>
    public const int LongestLine = 1024 * 1024;

    private readonly string _path;
    private readonly WireRun _header;
    private readonly List<PlannedChange> _changes = [];
    private readonly Dictionary<ChangeKey, PlannedChange> _index = [];
    private RunLog? _log;

    private RunFile(string path, WireRun header)
    {
        _path = path;
        _header = header;
    }

    /// <summary>Null if the plan in the file is not complete: such a run has written nothing.</summary>
    public static async Task<RunLog?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        RunFile? run = null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var lines = new JsonLineReader(file, LongestLine);
        try
        {
            // Lines are written in one piece, in order, with their end. A line without its end was torn when the process ended, and counts
            // as not recorded.
            while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (run is null)
                {
                    run = new RunFile(path, ReadHeader(path, line));
                }
                else
                {
                    run.Add(line.Span);
                }
            }
        }
        catch (Exception e) when (
            e is JsonException or ArgumentException or InvalidOperationException or PlexException { Kind: PlexErrorKind.InvalidPlan })
        {
            throw PlanFile.Unusable(path, e);
        }

        if (run?._log is { } log)
        {
            // The time of the last record: nothing is written to the file after the run has ended.
            log.RecordedAt = PlanMapping.ToDate(File.GetLastWriteTimeUtc(path));
        }

        return run?._log;
    }

    private static WireRun ReadHeader(string path, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGetProperty("run", out var run))
            {
                throw PlanFile.Unusable(path);
            }

            PlanFile.Require(run.Deserialize(FileJsonContext.Compact.WireFormat), Format, Version, path);
            return run.Deserialize(FileJsonContext.Compact.WireRun) ?? throw PlanFile.Unusable(path);
        }
        catch (JsonException e)
        {
            throw PlanFile.Unusable(path, e);
        }
    }

    /// <summary>The number of the run, from the first line; null if the line has none or cannot be read.</summary>
    public static long? TryReadNumber(byte[] line) => TryRead(line)?.Run?.Order;

    /// <summary>How far the run has come, from the last line; null if that cannot be read.</summary>
    public static RunStage? TryReadStage(byte[]? line) => (line is null ? null : TryRead(line)) switch
    {
        { End: not null } => RunStage.Finished,
        { Ready: not null } or { Sending: not null } or { Outcome: not null } => RunStage.Begun,
        { Run: not null } or { Change: not null } => RunStage.NotBegun,
        _ => null,
    };

    /// <summary>A finished run, from the first and the last line of its file; null for any other.</summary>
    public static SyncRun? TrySummarize(string path, byte[] first, byte[]? last)
    {
        var header = ReadHeader(path, first);
        return last is null || TryRead(last)?.End is not { } end ? null : Guarded(path, () => new SyncRun
        {
            Id = NameOf(header),
            Number = header.Order ?? 0,
            Server = PlanMapping.ToServer(header.Server),
            Source = PlanMapping.ToUser(header.Source),
            Target = PlanMapping.ToUser(header.Target),
            Policy = PlanMapping.Given(header.Policy),
            StartedAt = PlanMapping.ToDate(header.StartedAt),
            Undoes = PlanMapping.ToUndoes(header),
            Changes = header.Changes,
            IsFinished = true,
            Outcomes = CountsOf(end),
            Written = end.Written,
        });
    }

    private static WireJournalLine? TryRead(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, FileJsonContext.Compact.WireJournalLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RunId NameOf(WireRun header) =>
        RunId.TryParse(header.Run, out var run) ? run : throw new JsonException("The run has no name.");

    private static Dictionary<ChangeOutcome, int> CountsOf(WireEnd end)
    {
        var counts = new Dictionary<ChangeOutcome, int>();
        foreach (var (word, count) in PlanMapping.Given(end.Outcomes))
        {
            counts.Add(Words.TryRead<ChangeOutcome>(word) ?? throw new JsonException("An outcome is not known."), count);
        }

        return counts;
    }

    /// <summary>Reports contradictions in a journal as damage.</summary>
    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or PlexException { Kind: PlexErrorKind.InvalidPlan })
        {
            throw PlanFile.Unusable(path, e);
        }
    }

    private void Add(ReadOnlySpan<byte> text)
    {
        var line = JsonSerializer.Deserialize(text, FileJsonContext.Compact.WireJournalLine);
        switch (line)
        {
            case { Change: { } change } when _log is null:
                _changes.Add(PlanMapping.ToChange(change));
                break;
            case { Ready: { } count } when _log is null && count == _changes.Count && count == _header.Changes:
                var plan = PlanMapping.ToPlan(_header, _header.PlannedAt, _changes);
                _log = new RunLog(NameOf(_header), _header.Order ?? 0, plan, PlanMapping.ToDate(_header.StartedAt));
                _changes.ForEach(known => _index.Add(known.Key, known));
                break;
            case { Sending: { } sending } when Find(sending, line.Rating) is { } change:
                _log!.Announce(change, PlanMapping.ToDate(line.At));
                break;
            case { Outcome: { } outcome } when _log is not null:
                _log.Record(ToResult(outcome));
                break;
            case { End: { } end } when _log is not null:
                _log.Complete(end.Verified, PlanMapping.ToError(end.Error), PlanMapping.ToDate(end.EndedAt));
                break;
            default:
                throw new JsonException("The line is out of place.");
        }
    }

    private PlannedChange? Find(string item, bool? isRating) =>
        RatingKey.TryParse(item, out var key) ? _index.GetValueOrDefault(new ChangeKey(key, isRating is true)) : null;

    private ChangeResult ToResult(WireOutcome outcome) => new()
    {
        Change = Find(outcome.RatingKey, outcome.Rating) ?? throw new JsonException("The outcome belongs to no change."),
        Outcome = Words.TryRead<ChangeOutcome>(outcome.Outcome) ?? throw new JsonException("The outcome is not known."),
        SkipReason = outcome.Reason is null ? null : Words.TryRead<SkipReason>(outcome.Reason),
        Error = PlanMapping.ToError(outcome.Error),
        StateAfterRun = outcome.Left is { } left ? PlanMapping.ToState(left) ?? throw new JsonException("The state makes no sense.") : null,
    };
}
