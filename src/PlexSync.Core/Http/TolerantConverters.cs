using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

// Servers drift: numbers come as strings, strings as numbers, booleans as 0, 1, "0", "1" (plex-facts §1.2). These converters read every
// form. Anything else is damage, and a damaged field counts as absent: one bad value must not cost the page that it stands on.

/// <summary>
/// Text that may come as a number or a truth value. What is far longer than any of Plex's words, tokens and addresses counts as absent.
/// </summary>
internal class TolerantStringConverter : JsonConverter<string?>
{
    /// <summary>More than the longest token or address that is known.</summary>
    public const int Longest = 4096;

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Bound(ReadText(ref reader));

    /// <summary>The text, however long; null where there is something else.</summary>
    public static string? ReadText(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return WireText.Read(ref reader);
            case JsonTokenType.Number:
                return Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
            case JsonTokenType.True:
                return "1";
            case JsonTokenType.False:
                return "0";
            default:
                WireText.Skip(ref reader);
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    protected virtual string? Bound(string? text) => text?.Length > Longest ? null : text;
}

/// <summary>A name that people read: one that is too long is cut, since most of a name is better than none.</summary>
internal sealed class TitleConverter : TolerantStringConverter
{
    /// <summary>Several times the longest title of a film.</summary>
    public new const int Longest = 1024;

    protected override string? Bound(string? text) => Cut(text);

    /// <summary>As much of a title as is kept; half a surrogate pair would be no Unicode.</summary>
    public static string? Cut(string? text) => text is not { Length: > Longest } ? text
        : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
}

/// <summary>A whole number that may come as text or with an empty fraction.</summary>
internal sealed class TolerantInt64Converter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, damaged: null);

    /// <param name="reader">At the value.</param>
    /// <param name="damaged">The result for a value that is there and is no whole number.</param>
    public static long? Read(ref Utf8JsonReader reader, long? damaged)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) ? number : reader.TryGetDouble(out var real) ? Whole(real) ?? damaged : damaged;
            case JsonTokenType.String:
                var text = WireText.Read(ref reader);
                return string.IsNullOrEmpty(text) ? null
                    : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written) ? written
                    : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) ? Whole(fraction) ?? damaged
                    : damaged;
            default:
                WireText.Skip(ref reader);
                return damaged;
        }
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static long? Whole(double number) => Math.Abs(number) < 1L << 53 && number == Math.Floor(number) ? (long)number : null;
}

/// <summary>A number that may come as text.</summary>
internal sealed class TolerantDoubleConverter : JsonConverter<double?>
{
    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public static double? Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
            case JsonTokenType.String:
                var text = WireText.Read(ref reader);
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var written) && double.IsFinite(written)
                    ? written
                    : null;
            default:
                WireText.Skip(ref reader);
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options)
    {
        if (value is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

/// <summary>A day, as in <c>2010-08-04</c>. Read from the bytes: each item of a listing has one.</summary>
internal static class WireDay
{
    private const int Length = 10;

    public static DateOnly? Read(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (reader.TokenType is not JsonTokenType.String || length != Length || reader.ValueIsEscaped)
        {
            WireText.Skip(ref reader);
            return null;
        }

        Span<byte> day = stackalloc byte[Length];
        if (reader.HasValueSequence)
        {
            reader.ValueSequence.CopyTo(day);
        }
        else
        {
            reader.ValueSpan.CopyTo(day);
        }

        return Parse(day);
    }

    private static DateOnly? Parse(ReadOnlySpan<byte> text) =>
        text[4] == '-' && text[7] == '-' && Number(text[..4]) is > 0 and var year && Number(text[5..7]) is >= 1 and <= 12 and var month
        && Number(text[8..]) is > 0 and var day && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;

    /// <summary>Zero where it is none.</summary>
    private static int Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out ushort number, out var read) && read == digits.Length ? number : 0;
}

/// <summary>A truth value that may come as 0, 1 or text.</summary>
internal sealed class TolerantBooleanConverter : JsonConverter<bool?>
{
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, damaged: null);

    /// <param name="reader">At the value.</param>
    /// <param name="damaged">The result for a value that is there and is no truth value.</param>
    public static bool? Read(ref Utf8JsonReader reader, bool? damaged)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Number:
                return reader.TryGetDouble(out var number) && double.IsFinite(number) ? number != 0 : damaged;
            case JsonTokenType.String:
                return WireText.Read(ref reader) switch
                {
                    null or "" => null,
                    "1" or "true" or "True" => true,
                    "0" or "false" or "False" => false,
                    _ => damaged,
                };
            default:
                WireText.Skip(ref reader);
                return damaged;
        }
    }

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options)
    {
        if (value is { } truth)
        {
            writer.WriteBooleanValue(truth);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

/// <summary>A truth value that protects somebody: where it is damaged, it counts as true.</summary>
internal sealed class ProtectiveBooleanConverter : JsonConverter<bool?>
{
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TolerantBooleanConverter.Read(ref reader, damaged: true);

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>An object within a row; absent where something else stands in its place.</summary>
internal sealed class TolerantObjectConverter<T> : JsonConverter<T>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        WireText.ReadObject<T>(ref reader, options);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>A short list of objects; absent where something else stands in its place, and without the elements that are none.</summary>
internal sealed class TolerantListConverter<T> : JsonConverter<WireList<T>>
    where T : class
{
    public override WireList<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            WireText.Skip(ref reader);
            return null;
        }

        var list = new WireList<T>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (WireText.ReadObject<T>(ref reader, options) is { } element)
            {
                list.Add(element);
            }
        }

        return list;
    }

    public override void Write(Utf8JsonWriter writer, WireList<T> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
