using System.Text.Json;
using System.Xml;

namespace PlexSync;

/// <summary>The two lists that plex.tv gives as XML only: the people an account shares with, and their tokens for one server.</summary>
internal static class SharedUsers
{
    /// <summary>Far more than an honest list has. A tag without end would hold up the reader, however short the whole.</summary>
    private static readonly XmlDictionaryReaderQuotas Quotas = new()
    {
        MaxDepth = 32,
        MaxBytesPerRead = 32 * 1024,
        MaxStringContentLength = 32 * 1024,
        MaxNameTableCharCount = 32 * 1024,
    };

    /// <summary>Reads <c>/api/users</c> (plex-facts §3.9): friends and Home users; the account itself is not among them.</summary>
    /// <remarks>A row without a usable id cannot be found as a user; see <see cref="UnidentifiedUsers"/>.</remarks>
    public static List<PlexUser> ParseUsers(List<XmlRow> rows) =>
        rows.FindAll(static row => row.Name == "User" && Id(row, "id") is not null).ConvertAll(static user => new PlexUser
        {
            Id = Id(user, "id")!.Value,
            Title = Title(user, "title") ?? Title(user, "username") ?? Text(user, "id")!,
            Uuid = UuidOf(Text(user, "thumb")),
            Username = Title(user, "username"),
            Email = Text(user, "email"),
            IsHomeMember = Text(user, "home") is not (null or "0" or "false"),
        });

    /// <summary>The names of people whom the list gives no usable id for.</summary>
    public static List<(string? Title, string? Username, string? Email)> UnidentifiedUsers(List<XmlRow> rows) =>
        rows.FindAll(static row => row.Name == "User" && Id(row, "id") is null)
            .ConvertAll(static user => (Title(user, "title"), Title(user, "username"), Text(user, "email")));

    /// <summary>The server token that <c>shared_servers</c> (plex-facts §3.10 C) holds for exactly this user; null if none.</summary>
    public static string? ParseToken(List<XmlRow> rows, UserId user) =>
        rows.FindAll(row => row.Name == "SharedServer" && Id(row, "userID") == user)
            .ConvertAll(static row => Text(row, "accessToken"))
            .Find(static token => token is not null);

    /// <summary>Something is shared with this user, whether or not there is a token for it.</summary>
    public static bool IsListed(List<XmlRow> rows, UserId user) =>
        rows.Exists(row => row.Name == "SharedServer" && Id(row, "userID") == user);

    /// <summary>The elements right below the root; what lies deeper is not read.</summary>
    /// <remarks>
    /// The framework's reader without document types: there are no entities to expand, and a native binary is 0.6 MB smaller.
    /// </remarks>
    public static async Task<List<XmlRow>> ReadAsync(PlexRequest request, Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var whole = new MemoryStream();
            await body.CopyToAsync(whole, cancellationToken).ConfigureAwait(false);
            try
            {
                return Parse(whole.ToArray());
            }
            catch (Exception e) when (e is XmlException or ArgumentException or FormatException)
            {
                return Parse(WireText.CleanXml(whole.ToArray()));
            }
        }
        catch (Exception e) when (e is XmlException or ArgumentException or FormatException or JsonException)
        {
            // The last is that of a body without end; the others are the reader's.
            throw new PlexException(
                PlexErrorKind.InvalidResponse, $"{request.Redacted} answered with XML that cannot be used.", request.CauseOf(e))
            {
                Path = request.Redacted,
                MayRetry = true,
            };
        }
    }

    private static List<XmlRow> Parse(byte[] whole)
    {
        // Not from the array: the reader runs past its end where a document is cut.
        using var body = new MemoryStream(whole);
        using var reader = XmlDictionaryReader.CreateTextReader(body, Quotas);
        var rows = new List<XmlRow>();
        if (reader.MoveToContent() is not XmlNodeType.Element || reader.LocalName != "MediaContainer")
        {
            throw new XmlException("The root is not MediaContainer.");
        }

        while (reader.Read())
        {
            if (reader is { NodeType: XmlNodeType.Element, Depth: 1 })
            {
                var row = new XmlRow(reader.LocalName, []);
                rows.Add(row);
                while (reader.MoveToNextAttribute())
                {
                    if (reader.Prefix.Length == 0)
                    {
                        row.Attributes[reader.LocalName] = WireText.Mend(reader.Value);
                    }
                }
            }
        }

        return rows;
    }

    private static UserId? Id(XmlRow row, string name) =>
        long.TryParse(Text(row, name), System.Globalization.CultureInfo.InvariantCulture, out var id) && id > 0 ? new UserId(id) : null;

    /// <summary>Text that nobody can see counts as no name.</summary>
    private static string? Title(XmlRow row, string name) =>
        TitleConverter.Cut(Text(row, name)) is { } title && NameComparison.Simplify(title).Length > 0 ? title : null;

    private static string? Text(XmlRow row, string name) => row.Attributes.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    // https://plex.tv/users/{uuid}/avatar
    private static string UuidOf(string? thumb) =>
        thumb?.Split('/') is { } parts && Array.IndexOf(parts, "users") is >= 0 and var at && at + 1 < parts.Length ? parts[at + 1] : "";
}

/// <summary>One element of a list, with its attributes.</summary>
internal sealed record XmlRow(string Name, Dictionary<string, string> Attributes);
