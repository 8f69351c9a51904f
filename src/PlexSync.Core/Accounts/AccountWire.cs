using System.Text.Json.Serialization;

namespace PlexSync;

// The answers of plex.tv v2, all nullable: the mapping decides what is required and names what is missing.

/// <summary>A user of <c>/api/v2/user</c>, of the switch call, or one of a Home.</summary>
internal sealed class WireUser
{
    public long? Id { get; set; }

    public string? Uuid { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Title { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? FriendlyName { get; set; }

    [JsonConverter(typeof(TitleConverter))]
    public string? Username { get; set; }

    public string? Email { get; set; }

    public string? AuthToken { get; set; }

    public bool? Admin { get; set; }

    public bool? Restricted { get; set; }

    [JsonConverter(typeof(ProtectiveBooleanConverter))]
    public bool? Protected { get; set; }

    /// <summary>Whether plex.tv says who it is: names do not tell people apart.</summary>
    public bool IsIdentified => Id is > 0;

    public PlexUser ToUser(string path)
    {
        var (id, title, listed) = Required(path);
        return new PlexUser
        {
            Id = id,
            Title = title,
            ListedTitle = listed,
            Uuid = Uuid ?? "",
            Username = NullIfEmpty(Username),
            Email = NullIfEmpty(Email),
        };
    }

    public HomeUser ToHomeUser(string path)
    {
        var (id, title, listed) = Required(path);
        return new HomeUser
        {
            Id = id,
            Title = title,
            ListedTitle = listed,
            Uuid = Uuid ?? "",
            Username = NullIfEmpty(Username),
            Email = NullIfEmpty(Email),
            IsAdmin = Admin ?? false,
            IsManaged = Restricted ?? false,
            HasPin = Protected ?? false,
        };
    }

    /// <summary>Plex shows the friendly name where there is one; the title is told where it is another.</summary>
    private (UserId Id, string Title, string? ListedTitle) Required(string path)
    {
        var id = Id is > 0 and var number ? new UserId(number) : throw WireError.Missing(path, "id");
        var title = NullIfInvisible(Title) ?? NullIfInvisible(Username) ?? $"{id}";
        return NullIfInvisible(FriendlyName) is { } shown && shown != title ? (id, shown, title) : (id, title, null);
    }

    private static string? NullIfInvisible(string? text) => text is not null && NameComparison.Simplify(text).Length > 0 ? text : null;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>The answer about a link code; the token is null until somebody has confirmed the code.</summary>
internal sealed class WirePin
{
    public long? Id { get; set; }

    public string? Code { get; set; }

    public long? ExpiresIn { get; set; }

    public string? AuthToken { get; set; }
}

internal sealed class WireHome
{
    public WireList<WireUser>? Users { get; set; }
}

internal sealed class WireResource
{
    [JsonConverter(typeof(TitleConverter))]
    public string? Name { get; set; }

    public string? ProductVersion { get; set; }

    public string? ClientIdentifier { get; set; }

    public string? Provides { get; set; }

    public string? AccessToken { get; set; }

    public bool? Owned { get; set; }

    public bool? Presence { get; set; }

    public bool? HttpsRequired { get; set; }

    public WireList<WireConnection>? Connections { get; set; }

    public bool IsServer => Provides?.Split(',', StringSplitOptions.TrimEntries).Contains("server") is true;

    /// <summary>Null where it does not say which server it is.</summary>
    public ServerResource? ToResource()
    {
        if (!MachineIdentifier.TryParse(ClientIdentifier, out var machine))
        {
            return null;
        }

        var addresses = (Connections ?? []).SelectMany(connection => connection.Addresses(HttpsRequired ?? false))
            .OrderBy(static address => address.Rank).ToList();
        return new ServerResource
        {
            MachineIdentifier = machine,
            Name = Name ?? ClientIdentifier,
            Version = ProductVersion,
            IsOwned = Owned ?? false,
            IsOnline = Presence ?? false,
            AccessToken = string.IsNullOrEmpty(AccessToken) ? null : AccessToken,
            Addresses = Ranked(RankedAddress.Local, int.MaxValue),
            LocalAddresses = Ranked(RankedAddress.Local, RankedAddress.Remote),
            RelayAddresses = Ranked(RankedAddress.Relay, int.MaxValue),
        };

        List<Uri> Ranked(int from, int below) => addresses.Where(address => address.Rank >= from && address.Rank < below)
            .Select(static address => address.Uri).Distinct().ToList();
    }
}

internal sealed class WireConnection
{
    public string? Address { get; set; }

    public long? Port { get; set; }

    public string? Uri { get; set; }

    public bool? Local { get; set; }

    public bool? Relay { get; set; }

    /// <summary>
    /// The listed address and, on the local network, plain http beside it: routers that protect against DNS rebinding block plex.direct
    /// (plex-facts §9).
    /// </summary>
    public IEnumerable<RankedAddress> Addresses(bool httpsRequired)
    {
        var rank = Relay is true ? RankedAddress.Relay : Local is true ? RankedAddress.Local : RankedAddress.Remote;
        if (PlexAddress.TryParse(Uri, out var listed))
        {
            yield return new(listed.Scheme == System.Uri.UriSchemeHttps ? rank : rank + 1, listed);
        }

        if (Local is true && Relay is not true && !httpsRequired && Address is { } host && Port is > 0 and <= 65535
            && PlexAddress.TryParse($"http://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{Port}", out var plain))
        {
            yield return new(RankedAddress.Local + 1, plain);
        }
    }
}

/// <summary>An address and how good it is: each of these ranks with https, the next one with plain http.</summary>
internal sealed record RankedAddress(int Rank, Uri Uri)
{
    public const int Local = 0;
    public const int Remote = 2;
    public const int Relay = 4;
}
