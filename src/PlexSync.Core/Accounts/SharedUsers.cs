using System.Xml;
using System.Xml.Linq;

namespace PlexSync;

/// <summary>The two lists that plex.tv gives as XML only: the people an account shares with, and their tokens for one server.</summary>
internal static class SharedUsers
{
    /// <summary>Reads <c>/api/users</c> (sheet §3.9): friends and Home users; the account itself is not among them.</summary>
    public static List<PlexUser> ParseUsers(XElement container, string path) =>
        container.Elements("User").Select(user => new PlexUser
        {
            Id = Id(user, "id", path),
            Title = Text(user, "title") ?? Text(user, "username") ?? Text(user, "id")!,
            Uuid = UuidOf(Text(user, "thumb")),
            Username = Text(user, "username"),
            Email = Text(user, "email"),
            IsHomeMember = Text(user, "home") is not (null or "0" or "false"),
        }).ToList();

    /// <summary>The server token that <c>shared_servers</c> (sheet §3.10 C) holds for exactly this user; null if none.</summary>
    public static string? ParseToken(XElement container, UserId user, string path) =>
        container.Elements("SharedServer")
            .Where(row => Id(row, "userID", path) == user)
            .Select(static row => Text(row, "accessToken"))
            .FirstOrDefault(static token => token is not null);

    public static async Task<XElement> ReadAsync(Stream body, string path, CancellationToken cancellationToken)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = 64 * 1024 * 1024,
        };
        try
        {
            using var reader = XmlReader.Create(body, settings);
            var document = await XDocument.LoadAsync(reader, LoadOptions.None, cancellationToken).ConfigureAwait(false);
            return document.Root is { Name.LocalName: "MediaContainer" } root ? root : throw new XmlException("The root is not MediaContainer.");
        }
        catch (XmlException e)
        {
            throw new PlexException(PlexErrorKind.InvalidResponse, $"{path} answered with XML that cannot be used.", e) { Path = path, MayRetry = true };
        }
    }

    private static UserId Id(XElement element, string name, string path) =>
        long.TryParse(Text(element, name), System.Globalization.CultureInfo.InvariantCulture, out var id) && id > 0
            ? new UserId(id)
            : throw WireError.Missing(path, name);

    private static string? Text(XElement element, string name) => element.Attribute(name)?.Value is { Length: > 0 } text ? text : null;

    // https://plex.tv/users/{uuid}/avatar
    private static string UuidOf(string? thumb) =>
        thumb?.Split('/') is { } parts && Array.IndexOf(parts, "users") is >= 0 and var at && at + 1 < parts.Length ? parts[at + 1] : "";
}
