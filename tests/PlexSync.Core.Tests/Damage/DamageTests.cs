using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Damage;

/// <summary>
/// Every field of every answer, damaged in every way: nothing but a <see cref="PlexException"/> is thrown, no more is lost than the damaged
/// item, and nothing is written that the undamaged answer, or one without the field, would not have led to.
/// </summary>
public sealed class DamageTests
{
    private const int Sample = 500;

    private static readonly string[] Texts =
    [
        "null", "true", "false", "0", "-1", "1.5", "0.0000001", "1e999", "-1e999", "18446744073709551615", "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999999", "910692730085", "\"\"", "\" \"", "\"NaN\"", "\"Infinity\"", "\"1e999\"", "\"-1\"", "\"7a\"",
        "\"n/a\"", "\"1997-98\"",
        "\"2024-01-01\"", "\"2024-01-01T00:00:00Z\"", "\"124349-163875600\"", "\"9999-99-99\"", "{}", "[]", "{\"id\":\"imdb://tt1\"}",
        "[null]",
        "[[[[{\"a\":[1]}]]]]", "\"\\ud800\"", "\"x\\udc00\\ud800\"", "\"\\u0000\"", "\"cut \\\\\"",
    ];

    private static readonly byte[][] Values =
    [
        .. Texts.Select(Encoding.UTF8.GetBytes),
        [.. "\"cut \u00c3"u8[..6], .. "\""u8],
        [(byte)'"', 0xFF, 0xFE, (byte)'"'],
        [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'],
        [(byte)'"', (byte)'a', 1, 0x1F, (byte)'\n', (byte)'b', (byte)'"'],
        Encoding.UTF8.GetBytes($"\"{new string('x', 40_000)}\""),
        "NaN"u8.ToArray(),
    ];

    private static readonly IConflictPolicy[] Policies = [ConflictPolicies.Copy, ConflictPolicies.Mirror];

    [Fact]
    public async Task Damage_costs_at_most_its_item_and_leads_to_no_write()
    {
        var cases = Fields().SelectMany(static field => Values.SelectMany(value =>
            Policies.Select(policy => (field.Answer, field.Path, Value: value, Policy: policy)))).ToArray();
        if (!Thoroughness.IsAll)
        {
            new Random(20261126).Shuffle(cases);
            cases = cases[..Sample];
        }

        var faults = new List<string>();
        var absent = new Dictionary<(string, string, string), Outcome>();
        var whole = new Dictionary<string, Outcome>();
        foreach (var policy in Policies)
        {
            whole[policy.Name] = await TryAsync(null, policy);
            Assert.Null(whole[policy.Name].Error);
        }

        foreach (var (answer, path, value, policy) in cases)
        {
            if (!absent.TryGetValue((answer, path, policy.Name), out var without))
            {
                absent[(answer, path, policy.Name)] = without = await TryAsync(new Damage(answer, path, null), policy);
            }

            var damage = new Damage(answer, path, value);
            var outcome = await TryAsync(damage, policy);
            faults.AddRange(Judge(damage, outcome, whole[policy.Name], without).Select(fault => $"{policy.Name}: {damage}: {fault}"));
        }

        TestContext.Current.SendDiagnosticMessage($"{cases.Length} cases of {Fields().Count() * Values.Length * Policies.Length}");
        Assert.True(faults.Count == 0, $"{faults.Count} of {cases.Length}:\n{string.Join('\n', faults.Take(40))}");
    }

    private static IEnumerable<(string Answer, string Path)> Fields() => DamagedHousehold.Answers.SelectMany(static answer =>
        DamagedHousehold.FieldsOf(answer.Value).Concat(StateOf(answer.Value)).Distinct().Select(path => (answer.Key, path)));

    /// <summary>State that a row does not have could be there, and damaged.</summary>
    private static IEnumerable<string> StateOf(JsonNode answer) =>
        (answer is JsonObject ? answer["MediaContainer"]?["Metadata"] as JsonArray : null)?
        .SelectMany(static (_, at) =>
            Array.ConvertAll(["viewCount", "viewOffset", "lastViewedAt"], field => $"MediaContainer/Metadata/{at}/{field}")) ?? [];

    private static IEnumerable<string> Judge(Damage damage, Outcome outcome, Outcome whole, Outcome absent)
    {
        if (outcome.Error is not null and not PlexException)
        {
            yield return $"threw {outcome.Error.GetType().Name}: {outcome.Error.Message}";
        }

        if (outcome.Strays.Count > 0)
        {
            yield return $"wrote {string.Join(", ", outcome.Strays)} with another token";
        }

        var text = Encoding.UTF8.GetString(damage.Value!);
        var row = RowOf(damage);
        var isState = row is not null && !damage.Answer.StartsWith("bulk", StringComparison.Ordinal)
            && (damage.Field.EndsWith("/viewCount", StringComparison.Ordinal) || damage.Field.EndsWith(
                "/viewOffset", StringComparison.Ordinal));
        var mayWrite = isState && text is not ("null" or "\"\"" or "0") ? whole.Writes : [.. whole.Writes, .. absent.Writes];
        foreach (var write in
            outcome.Writes.Where(
                write => !mayWrite.Contains(write)
                    && !(damage.Field.EndsWith("/ratingKey", StringComparison.Ordinal) && text.Contains(
                        write.Split(' ')[1], StringComparison.Ordinal))))
        {
            yield return $"wrote {write}";
        }

        foreach (var twice in
            outcome.Writes.GroupBy(static write => write)
                .Where(group => group.Count() > Math.Max(1, absent.Writes.Count(write => write == group.Key))))
        {
            yield return $"wrote {twice.Key} {twice.Count()} times";
        }

        if (MayLose(damage, text) is { } mayLose)
        {
            foreach (var write in whole.Writes.Except(outcome.Writes).Where(write => !mayLose(write.Split(' ')[1])))
            {
                yield return $"lost {write} ({outcome.Error?.Message ?? string.Join(", ", outcome.Errors)})";
            }
        }
    }

    /// <summary>Which items may be left out because of the damage; null where everything may.</summary>
    private static Predicate<string>? MayLose(Damage damage, string text)
    {
        var field = damage.Field;
        if (text == "NaN")
        {
            // That is no JSON: nothing can be told of such an answer.
            return null;
        }

        var isXml = damage.Answer == "api/users";
        if (isXml)
        {
            return text.Trim('"').AsSpan().ContainsAny("\"<&") || field is "User" ? null : static _ => false;
        }

        switch (damage.Answer)
        {
            case "bulk of Kid":
                return static _ => false;
            case "sessions":
                return static key => key == "3";
            case "sections":
                return field.EndsWith("/title", StringComparison.Ordinal) || field.Contains("Location", StringComparison.Ordinal)
                    ? static _ => false : null;
            case "user":
                return field is "id" ? null : static _ => false;
            case "user of Kid":
                return field is "id" or "uuid" ? null : static _ => false;
            case "switch":
                return field is "authToken" ? null : static _ => false;
            case "home/users":
                return field is "users" or "users/1" or "users/1/id" or "users/1/uuid" or "users/1/protected" ? null : static _ => false;
            case "resources" or "resources of Kid":
                return field is "1" or "1/clientIdentifier" or "1/provides" or "1/owned" or "1/accessToken" ? null : static _ => false;
            case "identity" or "about" or "prefs":
                return field is "MediaContainer" or "MediaContainer/machineIdentifier" ? null : static _ => false;
        }

        if (RowOf(damage) is { } row)
        {
            return field.Count(static letter => letter == '/') == 2 || field.EndsWith("/ratingKey", StringComparison.Ordinal) ? null
                : key => key == row;
        }

        return field is "MediaContainer" or "MediaContainer/Metadata"
            or "MediaContainer/size" or "MediaContainer/totalSize" or "MediaContainer/offset" ? null : static _ => false;
    }

    /// <summary>The rating key of the row that is damaged; null for what belongs to no row.</summary>
    private static string? RowOf(Damage damage) => damage.Field.Split('/') is ["MediaContainer", "Metadata", var at, ..]
        ? DamagedHousehold.Answers[damage.Answer]["MediaContainer"]!["Metadata"]!
            [int.Parse(at, CultureInfo.InvariantCulture)]!["ratingKey"]!.ToString()
        : null;

    private static async Task<Outcome> TryAsync(Damage? damage, IConflictPolicy policy)
    {
        using var household = new DamagedHousehold(damage);
        try
        {
            var report = await household.SyncAsync(policy);
            return new Outcome(household.Writes, household.Strays, null,
            [
                .. report.Plan.Libraries.Select(static library => library.Error?.Message ?? ""),
                .. report.Plan.Skipped.Select(static skip => $"{skip.Item.RatingKey} {skip.Reason}"),
            ]);
        }
        catch (Exception e)
        {
            return new Outcome(household.Writes, household.Strays, e, []);
        }
    }

    private sealed record Outcome(List<string> Writes, List<string> Strays, Exception? Error, List<string> Errors);
}
