using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace PlexSync;

/// <summary>Folds the rows of Tautulli's history into one state for each item of one user: memory grows with the items.</summary>
/// <remarks>
/// A row is one viewing. An item is watched if Tautulli counted one of its viewings as watched; how far the user came is the furthest of
/// them all; the date is the latest.
/// </remarks>
/// <param name="name">The user: <c>id:</c> and the id of plex.tv, or a name.</param>
internal sealed class TautulliFold(string name)
{
    /// <summary>What Tautulli says of a row that it counted as watched.</summary>
    private const double Watched = 1;

    private const int MostRows = 10_000_000;
    private const int MostItems = 2_000_000;
    private const int MostPeople = 10_000;

    private readonly long? _id = name.StartsWith("id:", StringComparison.OrdinalIgnoreCase)
        && long.TryParse(name.AsSpan(3).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private readonly Dictionary<long, Person> _people = [];
    private readonly RowSet _seen = new();
    private readonly EntryList _withoutUser = new();
    private long _position;
    private int _items;

    /// <summary>The id of the user where the name is an <c>id:</c>; else null.</summary>
    public long? Id => _id;

    /// <summary>How many rows there were, each once.</summary>
    public long Rows { get; private set; }

    /// <summary>How many rows are of what is being played: they have no number, and are in no count.</summary>
    public long Playing { get; private set; }

    /// <summary>Whether there is a row of the user who is asked for.</summary>
    public bool HasRowsOfUser => _people.Values.Any(IsMeant);

    public void Add(ReadOnlySpan<byte> json)
    {
        _position++;
        WireTautulliRow? row = null;
        try
        {
            row = JsonSerializer.Deserialize(json, ImportJsonContext.Default.WireTautulliRow);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // One row that is no object costs no other.
        }

        if (row is { RowId: null, State.Length: > 0 })
        {
            Playing++;
        }
        else if (row?.RowId is not { } id || _seen.Add(id))
        {
            Rows = Rows < MostRows ? Rows + 1 : throw new JsonException("There are too many rows.");
            Add(row);
        }
    }

    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.HistoryUserNotFound"/> or <see cref="PlexErrorKind.HistoryUserAmbiguous"/>, with those who are there.
    /// </exception>
    public ImportedStates ToStates()
    {
        var person = FindPerson();
        return new ImportedStates
        {
            User = new UserReference(new UserId(person.Id), person.Name),
            Items = person.Items.Select(static pair => pair.Value.ToState(pair.Key)).ToList(),
            Entries = person.Rows,
            Unusable = [.. person.Entries.ToStates().Unusable.Concat(_withoutUser.ToStates().Unusable)
                .OrderBy(static entry => entry.Position).Take(ImportedStates.MostNamed)],
            UnusableCount = person.Entries.Count + _withoutUser.Count,
            OtherKinds = person.OtherKinds,
        };
    }

    private void Add(WireTautulliRow? row)
    {
        if (row?.UserId is not >= 0)
        {
            // It may be of the user who is asked for.
            _withoutUser.Reject(row?.Title, row is null ? UnusableReason.Damaged : UnusableReason.NobodyNamed, _position);
            return;
        }

        var person = PersonOf(row);
        if (!IsCandidate(person))
        {
            person.HasPassed = true;
            return;
        }

        person.Rows++;
        if (KindOf(row) is { } kind)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(person.OtherKinds, kind, out _)++;
            return;
        }

        var state = ToState(row);
        if ((row.MediaType is not ("movie" or "episode") ? UnusableReason.Damaged
            : row is { Percent: null, WatchedStatus: null } ? UnusableReason.StateDamaged
            : state.FindFault()) is { } fault)
        {
            person.Entries.Reject(row.Title, fault, _position);
            return;
        }

        // A rating key that was given to another item has another guid or title.
        var item = state with { Percent = null, LastViewedAt = null };
        if (!person.Items.TryGetValue(item, out var viewings))
        {
            viewings = ++_items <= MostItems ? new Viewings() : throw new JsonException("There are too many items.");
            person.Items.Add(item, viewings);
        }

        viewings.Add(row.WatchedStatus >= Watched, state.Percent, state.LastViewedAt);
    }

    private Person PersonOf(WireTautulliRow row)
    {
        var id = row.UserId!.Value;
        if (!_people.TryGetValue(id, out var person))
        {
            person = _people.Count < MostPeople ? new Person(id) : throw new JsonException("There are too many users.");
            _people.Add(id, person);
        }

        // Rows keep the name that the user had, and the friendly name is today's.
        person.Learn(row.FriendlyName, row.User);
        return person;
    }

    /// <summary>Why the row is not imported: its kind; null where it is.</summary>
    private static string? KindOf(WireTautulliRow row) =>
        row.State is { Length: > 0 } ? "playing" : row.Live is true ? "live"
        : row.MediaType is "movie" or "episode" ? null : EntryList.KindOf(row.MediaType);

    private static ImportedState ToState(WireTautulliRow row) => new()
    {
        RatingKey = PlexSync.RatingKey.TryParse(row.RatingKey, out var key) ? key : null,
        Type = row.MediaType == "episode" ? MediaType.Episode : MediaType.Movie,
        Title = string.IsNullOrWhiteSpace(row.Title) ? null : row.Title,
        ShowTitle = row.MediaType != "episode" || string.IsNullOrEmpty(row.ShowTitle) ? null : row.ShowTitle,
        SeasonNumber = row.MediaType == "episode" ? ImportNumbers.ToNumber(row.Season) : null,
        EpisodeNumber = row.MediaType == "episode" ? ImportNumbers.ToNumber(row.Episode) : null,
        Year = ImportNumbers.ToNumber(row.Year),
        PlexGuid = string.IsNullOrWhiteSpace(row.Guid) ? null : row.Guid,
        // Players report positions a little beyond the end.
        Percent = row.Percent is > 100 ? 100 : row.Percent,
        LastViewedAt = ImportNumbers.ToDate(row.Stopped) ?? ImportNumbers.ToDate(row.Date),
    };

    /// <summary>Whether the rows are kept, as far as can be told before all are read.</summary>
    private bool IsCandidate(Person person) => _id is { } id ? person.Id == id : IsMeant(person);

    private bool IsMeant(Person person) => _id is { } id ? person.Id == id : person.Names.Append($"{person.Id}")
        .Any(known => NameComparison.EqualIgnoringCase(known, name));

    private Person FindPerson()
    {
        var found = _id is { } id ? _people.Values.Where(person => person.Id == id).ToList()
            : NameLookup.Find(_people.Values, name, static person => [person.Name, $"{person.Id}"], static person => person.Names);
        return found switch
        {
            [{ HasPassed: false } only] => only,
            [] => throw NameFailure.Unknown(
                PlexErrorKind.HistoryUserNotFound, name, $"The history has no rows of '{name}'.", Describe(_people.Values)),
            // The user had another name for a while, and the rows of that time were passed over.
            [_] => throw NameFailure.Unknown(
                PlexErrorKind.HistoryUserNotFound, name, $"Not all rows of '{name}' have that name: take the id.", Describe(found)),
            _ => throw NameFailure.Ambiguous(
                PlexErrorKind.HistoryUserAmbiguous, name, $"Several users of the history are called '{name}'.", Describe(found)),
        };
    }

    private static List<string> Describe(IEnumerable<Person> people) =>
        [.. people.OrderByDescending(static person => person.Seen).ThenBy(static person => person.Id).Take(20)
            .Select(static person => $"{person.Name} (id:{person.Id})")];

    private sealed class Person(long id)
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private string? _friendlyName;

        public long Id => id;

        /// <summary>What people see.</summary>
        public string Name => _friendlyName ?? _names.FirstOrDefault() ?? $"{id}";

        public IEnumerable<string> Names => _names;

        public long Seen { get; private set; }

        public long Rows { get; set; }

        /// <summary>Rows of this user were not kept, since it was not known yet that they are the one.</summary>
        public bool HasPassed { get; set; }

        public Dictionary<ImportedState, Viewings> Items { get; } = [];

        public EntryList Entries { get; } = new();

        public Dictionary<string, long> OtherKinds { get; } = new(StringComparer.Ordinal);

        public void Learn(string? friendlyName, string? user)
        {
            Seen++;
            _friendlyName ??= string.IsNullOrWhiteSpace(friendlyName) ? null : friendlyName;
            foreach (var name in (ReadOnlySpan<string?>)[friendlyName, user])
            {
                // More names than any user has had: a limit on the memory.
                if (!string.IsNullOrWhiteSpace(name) && _names.Count < 32)
                {
                    _names.Add(name);
                }
            }
        }
    }

    /// <summary>All viewings of an item together.</summary>
    private sealed class Viewings
    {
        private int _watched;
        private double? _percent;
        private DateTimeOffset? _last;

        public void Add(bool isWatched, double? percent, DateTimeOffset? date)
        {
            _watched += isWatched ? 1 : 0;
            _percent = percent > _percent || _percent is null ? percent : _percent;
            _last = date > _last || _last is null ? date : _last;
        }

        public ImportedState ToState(ImportedState item) =>
            item with { ViewCount = _watched, Percent = _percent, LastViewedAt = _last };
    }

    /// <summary>The numbers of the rows, a bit each: they follow one another.</summary>
    private sealed class RowSet
    {
        private readonly Dictionary<long, ulong> _words = [];

        /// <summary>False where the row was there before.</summary>
        public bool Add(long row)
        {
            ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, row >> 6, out _);
            var bit = 1UL << (int)(row & 63);
            var isNew = (word & bit) == 0;
            word |= bit;
            return isNew;
        }
    }
}
