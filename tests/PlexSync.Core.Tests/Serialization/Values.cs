using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;

namespace PlexSync.Core.Tests.Serialization;

/// <summary>Makes values of the public types, all of whose properties are set, and compares two of them deeply.</summary>
internal sealed class Values(int seed)
{
    private static readonly string[] Titles = ["Dune", "Amélie", "七人の侍", "\"Quoted\" <b>&amp;", "", "A\u2028B\t\\", "🎬 Film"];

    private readonly Random _random = new(seed);

    public static T Make<T>(int seed) => (T)new Values(seed).Make(typeof(T));

    public object Make(Type type) =>
        Nullable.GetUnderlyingType(type) is { } underlying ? Make(underlying)
        : type.IsEnum ? MakeWord(type)
        : type == typeof(string) ? Titles[_random.Next(Titles.Length)]
        : type == typeof(bool) ? _random.Next(2) == 1
        : type == typeof(int) ? _random.Next(1, 5000)
        : type == typeof(long) ? _random.NextInt64(1, long.MaxValue)
        : type == typeof(ulong) ? (ulong)_random.NextInt64() * 2
        : type == typeof(double) ? _random.Next(0, 21) / 2.0
        : type == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(_random.Next(1, 10_000_000))
        : type == typeof(DateOnly) ? DateOnly.FromDayNumber(_random.Next(1, 760_000))
        : type == typeof(DateTimeOffset) ? DateTimeOffset.FromUnixTimeSeconds(_random.Next(1, int.MaxValue))
        : type == typeof(Uri) ? new Uri($"https://host{_random.Next(9)}.example:32400")
        : type == typeof(PlexException) ? MakeFailure()
        : Identifier(type, _random.Next(1, 100_000)) ?? (type.IsGenericType ? MakeMany(type) : MakeObject(type));

    /// <summary>Everything public of a value, in one text.</summary>
    public static string Dump(object? value)
    {
        var text = new StringBuilder();
        Dump(value, text);
        return text.ToString();
    }

    private static void Dump(object? value, StringBuilder text)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string or IFormattable or bool or Uri:
                text.Append(CultureInfo.InvariantCulture, $"'{value}'");
                break;
            case IEnumerable many:
                text.Append('[');
                foreach (var one in many)
                {
                    Dump(one, text);
                    text.Append(", ");
                }

                text.Append(']');
                break;
            case var some when Identifier(some.GetType(), number: 1) is not null:
                text.Append(CultureInfo.InvariantCulture, $"'{value}'");
                break;
            default:
                text.Append(value.GetType().Name).Append('{');
                foreach (var property in PropertiesOf(value.GetType()))
                {
                    text.Append(property.Name).Append('=');
                    Dump(property.GetValue(value), text);
                    text.Append("; ");
                }

                text.Append('}');
                break;
        }
    }

    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.DeclaringType != typeof(Exception) || property.Name == nameof(Exception.Message))
            .Where(static property => property.GetIndexParameters().Length == 0)
            .OrderBy(static property => property.Name, StringComparer.Ordinal);

    private static object? Identifier(Type type, int number) =>
        type == typeof(RatingKey) ? RatingKey.Parse($"{number}")
        : type == typeof(LibraryKey) ? LibraryKey.Parse($"{number}")
        : type == typeof(SessionKey) ? SessionKey.Parse($"s{number}")
        : type == typeof(MachineIdentifier) ? MachineIdentifier.Parse($"machine{number}")
        : type == typeof(RunId) ? RunId.Parse($"2026-11-22T10-00-00Z-{number % 10000:D4}")
        : type == typeof(UserId) ? new UserId(number)
        : type == typeof(MediaType) ? MediaType.Parse(number % 2 == 0 ? "movie" : "episode")
        : type == typeof(ChangeReason) ? ChangeReason.Parse(number % 2 == 0 ? "sourceWatched" : "myReason")
        : null;

    private object MakeWord(Type type)
    {
        var values = Enum.GetValues(type);
        return values.GetValue(_random.Next(values.Length))!;
    }

    private PlexException MakeFailure() => new((PlexErrorKind)MakeWord(typeof(PlexErrorKind)), "It failed: Amélie.")
    {
        Status = (HttpStatusCode)_random.Next(400, 600),
        Method = "GET",
        Path = "host/library/sections?type=1",
        Subject = "Kid",
        Option = "Policy",
        UserId = new UserId(_random.Next()),
        UserName = "Kid",
        RetryAfter = TimeSpan.FromSeconds(_random.Next(1, 99)),
        MayHaveTakenEffect = _random.Next(2) == 1,
        Candidates = ["Kid (id:1002)", "Kid (id:1006)"],
    };

    private object MakeMany(Type type)
    {
        var arguments = type.GetGenericArguments();
        var count = _random.Next(4);
        if (arguments is [var key, var value])
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, value))!;
            for (var at = 0; at < count; at++)
            {
                map[Make(key)] = Make(value);
            }

            return map;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments[0]))!;
        for (var at = 0; at < count; at++)
        {
            list.Add(Make(arguments[0]));
        }

        return list;
    }

    private object MakeObject(Type type)
    {
        var constructor = type.GetConstructors().OrderByDescending(static one => one.GetParameters().Length).FirstOrDefault();
        var made = constructor is null ? Activator.CreateInstance(type)!
            : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType))]);
        foreach (var property in PropertiesOf(type).Where(static property => property.SetMethod is { IsPublic: true }))
        {
            var mayBeNull = new NullabilityInfoContext().Create(property).WriteState is NullabilityState.Nullable;
            property.SetValue(made, mayBeNull && _random.Next(3) == 0 ? null : Make(property.PropertyType));
        }

        return made;
    }
}
