using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PlexSync;

/// <summary>Reads and writes what runs last knew of their users: a folder with a file for each question.</summary>
internal static class ReadingFile
{
    private const string Format = "plexsync-reading";
    private const int Version = 1;

    /// <summary>Null if the file is missing, damaged or of another version: then everything is read.</summary>
    public static LastReading? Read(string root, string folder, string question)
    {
        var path = PathOf(folder, question);
        OwnerOnly.CheckFolder(root, folder);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, FileJsonContext.Compact.WireReading) is { Format: Format, Version: Version } wire
                && wire.Question == question ? ToReading(wire) : null;
        }
        catch (Exception e) when (
            FileFailure.IsOfFiles(e)
                || e is JsonException or ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            return null;
        }
    }

    public static void Write(string root, string folder, LastReading reading)
    {
        OwnerOnly.CreateFolder(root, folder);
        OwnerOnly.Replace(
            PathOf(folder, reading.Question),
            file => JsonSerializer.Serialize(file, ToWire(reading), FileJsonContext.Compact.WireReading));
    }

    private static LastReading ToReading(WireReading wire) => new()
    {
        Question = wire.Question!,
        WholeAt = DateTimeOffset.FromUnixTimeSeconds(wire.WholeAt),
        Lead = TimeSpan.FromSeconds(wire.Lead),
        Since = wire.Since is { } since ? new DateTimeOffset(DateTime.SpecifyKind(since, DateTimeKind.Utc)) : null,
        Users = ListOf(wire.Users, static user => new ReadUser(
            new ServerUser(MachineIdentifier.Parse(user.Server!), new UserId(user.User)),
            user.Runs ?? "",
            ListOf(user.Libraries, static library => new ReadLibrary(
                LibraryKey.Parse(library.Key!),
                DateTimeOffset.FromUnixTimeSeconds(library.SeenUntil),
                ListOf(library.Newest, ToView))))),
        Open = ListOf(wire.Open, static text => text.Split(' ') is [var library, var item]
            ? new OpenItem(LibraryKey.Parse(library), RatingKey.Parse(item))
            : throw new FormatException(text)),
    };

    private static WireReading ToWire(LastReading reading) => new()
    {
        Format = Format,
        Version = Version,
        Question = reading.Question,
        WholeAt = reading.WholeAt.ToUnixTimeSeconds(),
        Lead = (int)Math.Clamp(reading.Lead.TotalSeconds, int.MinValue, int.MaxValue),
        Since = reading.Since?.UtcDateTime,
        Users = reading.Users.Select(static user => new WireReadUser
        {
            Server = $"{user.User.Server}",
            User = user.User.User.Value,
            Runs = user.Runs,
            Libraries = user.Libraries.Select(static library => new WireReadLibrary
            {
                Key = $"{library.Library}",
                SeenUntil = library.SeenUntil.ToUnixTimeSeconds(),
                Newest = library.Newest.Select(ToWire),
            }),
        }),
        Open = reading.Open.Select(static open => $"{open.Library} {open.Item}"),
    };

    private static List<TItem> ListOf<TWire, TItem>(IEnumerable<TWire?>? wires, Func<TWire, TItem> toItem)
        where TWire : class =>
        [.. (wires ?? throw new FormatException("A list is missing."))
            .Select(wire => toItem(wire ?? throw new FormatException("An element is missing.")))];

    private static string ToWire(ViewedItem item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{item.Item} {item.ViewedAt.ToUnixTimeSeconds()} {item.ViewCount} {(long)item.Position.TotalMilliseconds}");

    private static ViewedItem ToView(string text) => text.Split(' ') is [var key, var at, var views, var position]
        ? new ViewedItem(
            RatingKey.Parse(key),
            DateTimeOffset.FromUnixTimeSeconds(long.Parse(at, CultureInfo.InvariantCulture)),
            int.Parse(views, CultureInfo.InvariantCulture),
            TimeSpan.FromMilliseconds(long.Parse(position, CultureInfo.InvariantCulture)))
        : throw new FormatException(text);

    private static string PathOf(string folder, string question) =>
        Path.Combine(folder, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(question)), 0, 16)}.json");
}
