using System.Text.Json;

namespace PlexSync;

/// <summary>A journal file, read whole. A torn last line is the end of a process; any other damage is refused.</summary>
internal sealed class JournalReader
{
    /// <summary>A line holds an item, or the libraries of a server.</summary>
    public const int LongestLine = 1024 * 1024;

    private readonly string _path;
    private readonly WireRun _header;
    private readonly List<PlannedChange> _changes = [];
    private readonly Dictionary<string, PlannedChange> _index = [];
    private readonly Dictionary<string, ChangeResult> _results = [];
    private readonly Dictionary<string, DateTimeOffset[]> _announced = [];
    private DateTimeOffset _writtenAt;
    private bool _isReady;
    private WireEnd? _end;

    private JournalReader(string path, WireRun header)
    {
        _path = path;
        _header = header;
    }

    /// <summary>Null for a file whose plan had not reached the disk: nothing was written after it.</summary>
    public static async Task<JournalReader?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        JournalReader? journal = null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var lines = new JsonLineReader(file, LongestLine);
        try
        {
            // Lines are written in one piece, in order, with their end: what lacks it was torn by the end of the process, and never was.
            while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (journal is null)
                {
                    journal = new JournalReader(path, ReadHeader(path, line));
                }
                else
                {
                    journal.Add(line.Span);
                }
            }
        }
        catch (Exception e) when (
            e is JsonException or ArgumentException or InvalidOperationException or PlexException { Kind: PlexErrorKind.InvalidPlan })
        {
            throw PlanFile.Unusable(path, e);
        }

        if (journal is not { _isReady: true })
        {
            return null;
        }

        // Nothing is added to a run that has ended.
        journal._writtenAt = PlanMapping.ToDate(File.GetLastWriteTimeUtc(path));
        return journal;
    }

    /// <summary>The first line.</summary>
    public static WireRun ReadHeader(string path, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGetProperty("run", out var run))
            {
                throw PlanFile.Unusable(path);
            }

            PlanFile.Require(run.Deserialize(FileJsonContext.Compact.WireFormat), FileJournal.Format, FileJournal.Version, path);
            return run.Deserialize(FileJsonContext.Compact.WireRun) ?? throw PlanFile.Unusable(path);
        }
        catch (JsonException e)
        {
            throw PlanFile.Unusable(path, e);
        }
    }

    /// <summary>The number of the run in the first line; null where there is none, or no such line.</summary>
    public static long? TryReadOrder(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, FileJsonContext.Compact.WireJournalLine)?.Run?.Order;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The last line of a finished run; null for any other.</summary>
    public static WireEnd? TryReadEnd(byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, FileJsonContext.Compact.WireJournalLine)?.End;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JournaledRun Summarize(WireRun header, string path, WireEnd end) =>
        Guarded(path, () => Summarize(header, isFinished: true, end.Written, CountsOf(end)));

    public JournaledRun Summarize()
    {
        if (_end is not null)
        {
            return Summarize(_header, _path, _end);
        }

        var report = ToReport();
        var written = report.Results.Count(static result => result.StateAfterRun is not null || result.Outcome is ChangeOutcome.Unknown);
        return Guarded(_path, () => Summarize(_header, isFinished: false, written, report.CountAll()));
    }

    public SyncReport ToReport() => Guarded(_path, () => new SyncReport
    {
        Plan = PlanMapping.ToPlan(_header, _header.PlannedAt, _changes),
        Results = _changes.ConvertAll(change => _results.GetValueOrDefault(change.Key) ?? new ChangeResult
        {
            Change = change,
            Outcome = _announced.ContainsKey(change.Key) ? ChangeOutcome.Unknown : ChangeOutcome.Planned,
            Announced = _announced.GetValueOrDefault(change.Key) ?? [],
        }),
        // Older versions did not record the end, and a run that was killed could not: what was last written to the file tells.
        Span = new RunSpan(
            PlanMapping.ToDate(_header.StartedAt),
            _end is null ? _writtenAt + WriteTimes.Settling : PlanMapping.ToDate(_end.EndedAt) ?? _writtenAt),
        Run = RunId.TryParse(_header.Run, out var run) ? run : null,
        Verified = _end?.Verified ?? 0,
        Error = PlanMapping.ToError(_end?.Error),
    });

    private static JournaledRun Summarize(WireRun header, bool isFinished, int written, Dictionary<ChangeOutcome, int> outcomes) => new()
    {
        Id = RunId.TryParse(header.Run, out var run) ? run : throw new JsonException("The run has no name."),
        Server = PlanMapping.ToServer(header.Server),
        Source = PlanMapping.ToUser(header.Source),
        Target = PlanMapping.ToUser(header.Target),
        Policy = PlanMapping.Given(header.Policy),
        StartedAt = PlanMapping.ToDate(header.StartedAt),
        Order = header.Order ?? 0,
        Undoes = PlanMapping.ToUndoes(header),
        Changes = header.Changes,
        IsFinished = isFinished,
        Outcomes = outcomes,
        Written = written,
    };

    private static Dictionary<ChangeOutcome, int> CountsOf(WireEnd end)
    {
        var counts = new Dictionary<ChangeOutcome, int>();
        foreach (var (word, count) in PlanMapping.Given(end.Outcomes))
        {
            counts.Add(Words.TryRead<ChangeOutcome>(word) ?? throw new JsonException("An outcome is not known."), count);
        }

        return counts;
    }

    /// <summary>What makes no sense in a journal is damage.</summary>
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
            case { Change: { } change } when !_isReady:
                _changes.Add(PlanMapping.ToChange(change));
                break;
            case { Ready: { } count } when !_isReady && count == _changes.Count && count == _header.Changes:
                _isReady = true;
                foreach (var known in _changes)
                {
                    _index.Add(known.Key, known);
                }

                break;
            case { Sending: { } sending } when _isReady && PlannedChange.KeyOf(sending, line.Rating is true) is var key
                && _index.ContainsKey(key):
                var at = _announced.GetValueOrDefault(key) ?? [];
                _announced[key] = line.At is { } date ? [.. at, PlanMapping.ToDate(date)] : at;
                _results.Remove(key);
                break;
            case { Outcome: { } outcome } when _isReady:
                Add(outcome);
                break;
            case { End: { } end } when _isReady:
                _end = end;
                break;
            default:
                throw new JsonException("The line is out of place.");
        }
    }

    private void Add(WireOutcome outcome)
    {
        if (!_index.TryGetValue(PlannedChange.KeyOf(outcome.RatingKey, outcome.Rating is true), out var change)
            || Words.TryRead<ChangeOutcome>(outcome.Outcome) is not { } word)
        {
            throw new JsonException("The outcome belongs to no change.");
        }

        _results[change.Key] = new ChangeResult
        {
            Change = change,
            Outcome = word,
            SkipReason = outcome.Reason is null ? null : Words.TryRead<SkipReason>(outcome.Reason),
            Error = PlanMapping.ToError(outcome.Error),
            Announced = _announced.GetValueOrDefault(change.Key) ?? [],
            StateAfterRun = outcome.Left is { } left ? PlanMapping.ToState(left) ?? throw new JsonException("The state makes no sense.")
                : null,
        };
    }
}
