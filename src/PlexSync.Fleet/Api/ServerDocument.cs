using System.Globalization;
using System.Text.Json;
using PlexSync.Fleet.Catalogue;

namespace PlexSync.Fleet.Api;

/// <summary>
/// A server as scripts send it. A key that means nothing is refused and not passed over: a job would do more than it was meant to.
/// </summary>
internal sealed class ServerDocument
{
    private const string Server = "server";
    private const string Token = "token";
    private const string Pins = "pins";
    private const string Every = "every";
    private const string Live = "live";
    private const string Jobs = "jobs";

    private static readonly string[] ServerKeys = [Server, Token, Pins, Every, Live, Jobs];

    /// <summary>All that a job has, but for its name, which is the key above.</summary>
    private static readonly string[] JobKeys =
    [
        .. FleetJson.Default.SyncJob.Properties.Where(static property => property.Set is not null).Select(static property => property.Name)
            .Where(static key => !key.Equals(nameof(SyncJob.Name), StringComparison.OrdinalIgnoreCase)),
    ];

    private readonly List<string> _failures = [];

    /// <summary>Reads it.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.InvalidOption"/>: a sentence for each thing that is wrong.</exception>
    public (FleetServer Server, ServerSecrets Secrets) Read(string name, JsonElement root)
    {
        var values = ReadObject("", root, ServerKeys);
        var server = new FleetServer
        {
            Name = name,
            Server = ReadText(values, Server),
            Every = ReadEvery(values),
            IsLive = values.TryGetValue(Live, out var live) && ReadBoolean(live),
            Jobs = ReadJobs(name, values),
        };
        if (ReadText(values, Token) is not { Length: > 0 } token)
        {
            token = "";
            Refuse($"'{Token}' is missing: the token of the server's owner.");
        }

        var pins = new Dictionary<string, string>(StringComparer.Ordinal);
        if (values.TryGetValue(Pins, out var given))
        {
            foreach (var (user, pin) in ReadObject(Pins, given, known: null))
            {
                pins[user] = ReadText(pin) ?? Refuse($"'{Pins}' must have a text for each user.");
            }
        }

        return _failures.Count == 0 ? (server, new ServerSecrets(token, pins))
            : throw new PlexException(PlexErrorKind.InvalidOption, string.Join(' ', _failures));
    }

    private TimeSpan? ReadEvery(Dictionary<string, JsonElement> values)
    {
        if (!values.TryGetValue(Every, out var value))
        {
            return null;
        }

        if (ReadText(value) is { } text && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every)
            && every >= FleetOptions.ShortestInterval)
        {
            return every;
        }

        Refuse($"'{Every}' must be a time such as 00:15:00, at least a minute.");
        return null;
    }

    private bool ReadBoolean(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse($"'{Live}' must be true or false.");
        }

        return value.ValueKind is JsonValueKind.True;
    }

    private List<FleetJob> ReadJobs(string server, Dictionary<string, JsonElement> values)
    {
        var jobs = new List<FleetJob>();
        if (!values.TryGetValue(Jobs, out var all))
        {
            return jobs;
        }

        foreach (var (name, definition) in ReadObject(Jobs, all, known: null))
        {
            var path = $"{Jobs}.{name}";
            ReadObject(path, definition, JobKeys);
            try
            {
                if (definition.ValueKind is JsonValueKind.Object && definition.Deserialize(FleetJson.Default.SyncJob) is { } job)
                {
                    job.Name = name;
                    RequireSameServer(path, job, values);
                    jobs.Add(new FleetJob(server, job, IsPaused: false));
                }
            }
            catch (JsonException e)
            {
                // Of the message only where it is.
                Refuse($"'{path}{e.Path?.TrimStart('$')}' has a value of another kind than it takes.");
            }
        }

        return jobs;
    }

    /// <summary>Jobs of one server share its token and its limit of runs.</summary>
    private void RequireSameServer(string path, SyncJob job, Dictionary<string, JsonElement> values)
    {
        var server = values.TryGetValue(Server, out var value) ? ReadText(value) : null;
        job.Server ??= server;
        if (job.Server != server)
        {
            Refuse($"'{path}.{Server}' is another server than '{Server}'; leave it out.");
        }
    }

    /// <summary>The values of an object by their keys; with none that is not known, twice there or null.</summary>
    private Dictionary<string, JsonElement> ReadObject(string path, JsonElement element, string[]? known)
    {
        var values = new Dictionary<string, JsonElement>(known is null ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        if (element.ValueKind is not JsonValueKind.Object)
        {
            Refuse($"{(path.Length == 0 ? "The body" : $"'{path}'")} must be an object.");
            return values;
        }

        foreach (var property in element.EnumerateObject())
        {
            var key = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (known?.Contains(property.Name, StringComparer.OrdinalIgnoreCase) is false)
            {
                Refuse($"'{key}' means nothing; known there are {string.Join(", ", known)}.");
            }
            else if (property.Value.ValueKind is JsonValueKind.Null)
            {
                Refuse($"'{key}' must not be null; leave it out.");
            }
            else if (!values.TryAdd(property.Name, property.Value))
            {
                Refuse($"'{key}' is there twice.");
            }
        }

        return values;
    }

    private string? ReadText(Dictionary<string, JsonElement> values, string key) =>
        !values.TryGetValue(key, out var value) ? null
        : ReadText(value) ?? Refuse($"'{key}' must be a text.");

    private static string? ReadText(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private string Refuse(string failure)
    {
        _failures.Add(failure);
        return "";
    }
}
