using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PlexSync;

/// <summary>Reads and writes agreements: a folder with a file for each pair of users.</summary>
internal static class AgreementsFile
{
    private const string Format = "plexsync-baseline";
    private const int Version = 1;

    /// <summary>Null if the file is missing, damaged or of another version: without agreements, nothing is taken away.</summary>
    public static Agreements? Read(string root, string folder, ServerUser one, ServerUser other)
    {
        var expected = new Agreements(one, other);
        var found = Read(root, PathOf(folder, expected));
        return found?.One == expected.One && found.Other == expected.Other ? found : null;
    }

    /// <summary>The files of a user's agreements; whose they are tells only the inside.</summary>
    public static string[] FilesOf(string folder, ServerUser user) => Directory.Exists(folder)
        ? Array.FindAll(
            Directory.GetFiles(folder, "*.json"), path => Path.GetFileName(path).Contains(NameOf(user), StringComparison.Ordinal))
        : [];

    /// <summary>Call it under the lock of the folder.</summary>
    public static void Write(string folder, Agreements agreements) =>
        OwnerOnly.Replace(PathOf(folder, agreements), file => JsonSerializer.Serialize(
            file,
            new WireBaseline
            {
                Format = Format,
                Version = Version,
                One = ToWire(agreements.One),
                Other = ToWire(agreements.Other),
                Armed = agreements.IsArmed,
                Items = agreements.Items.Select(ToWire),
            },
            FileJsonContext.Compact.WireBaseline));

    /// <summary>The agreements in a file; null where nothing in it can be used.</summary>
    public static Agreements? Read(string root, string path)
    {
        OwnerOnly.CheckFolder(root, Path.GetDirectoryName(path)!);
        OwnerOnly.CheckFile(root, path);
        try
        {
            using var file = File.OpenRead(path);
            var wire = JsonSerializer.Deserialize(file, FileJsonContext.Compact.WireBaseline);
            if (wire is not { Format: Format, Version: Version } || ToUser(wire.One) is not { } one || ToUser(wire.Other) is not { } other)
            {
                return null;
            }

            var agreements = new Agreements(one, other) { IsArmed = wire.Armed };
            foreach (var text in wire.Items ?? [])
            {
                if (ToItem(text) is not { } item)
                {
                    return null;
                }

                agreements.Add(item);
            }

            return agreements;
        }
        catch (Exception e) when (
            FileFailure.IsOfFiles(e) || e is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The rating key (both if they differ) and the number of the work, with spaces between them: no key contains one.</summary>
    private static string ToWire(AgreedItem item) => item.One == item.Other
        ? string.Create(CultureInfo.InvariantCulture, $"{item.One} {item.Work:x}")
        : string.Create(CultureInfo.InvariantCulture, $"{item.One} {item.Other} {item.Work:x}");

    private static AgreedItem? ToItem(string? text) =>
        text?.Split(' ') is [.. { Length: 1 or 2 } keys, var number]
        && RatingKey.TryParse(keys[0], out var one) && RatingKey.TryParse(keys[^1], out var other)
        && ulong.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var work)
            ? new AgreedItem(one, other, work)
            : null;

    private static WireBaselineSide ToWire(ServerUser user) => new() { Server = $"{user.Server}", User = user.User.Value };

    private static ServerUser? ToUser(WireBaselineSide? wire) =>
        MachineIdentifier.TryParse(wire?.Server, out var server) ? new ServerUser(server, new UserId(wire!.User)) : null;

    private static string PathOf(string folder, Agreements agreements) =>
        Path.Combine(folder, $"{NameOf(agreements.One)}-{NameOf(agreements.Other)}.json");

    private static string NameOf(ServerUser user) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{user}")), 0, 8);
}

/// <summary>Access to the files while their lock is held.</summary>
internal sealed class AgreementsChange(string root, string folder) : IAgreementsChange
{
    public Task<Agreements?> ReadAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default) =>
        Task.FromResult(FileFailure.Guarded(folder, () => AgreementsFile.Read(root, folder, one, other)));

    public async IAsyncEnumerable<Agreements> ListAsync(
        ServerUser user, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var path in FileFailure.Guarded(folder, () => AgreementsFile.FilesOf(folder, user)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (FileFailure.Guarded(folder, () => AgreementsFile.Read(root, path)) is { } found
                && (found.One == user || found.Other == user))
            {
                yield return found;
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task WriteAsync(Agreements agreements, CancellationToken cancellationToken = default)
    {
        FileFailure.Guarded(folder, () => AgreementsFile.Write(folder, agreements));
        return Task.CompletedTask;
    }
}
