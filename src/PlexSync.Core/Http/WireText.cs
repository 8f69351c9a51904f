using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using System.Xml;

namespace PlexSync;

/// <summary>Reads text that was damaged on its way or in a server's database: what is no Unicode becomes U+FFFD (�).</summary>
internal static class WireText
{
    private const byte Quote = (byte)'"';
    /// <summary>With zeros before it, too.</summary>
    private const int LongestReference = 16;

    /// <summary>A damaged attribute of a tag may be as long, and the reader still takes the tag.</summary>
    private const int LongestAttribute = 8 * 1024;

    private const byte Backslash = (byte)'\\';

    /// <summary>The text at the reader.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or half a surrogate pair.
            byte[] raw = [Quote, .. reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan, Quote];
            var clean = new Utf8JsonReader(Clean(raw));
            return clean.Read() ? clean.GetString() : null;
        }
    }

    /// <summary>The same text without control characters and halves of surrogate pairs.</summary>
    public static string Mend(string text)
    {
        StringBuilder? mended = null;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                at++;
            }
            else if (text[at] < ' ' || char.IsSurrogate(text[at]))
            {
                mended ??= new StringBuilder(text);
                mended[at] = '\uFFFD';
            }
        }

        return mended?.ToString() ?? text;
    }

    /// <summary>Passes over a value of any form.</summary>
    /// <remarks>
    /// The value has come by the time a converter is called, but not always the whole document, which <c>Skip</c> asks for.
    /// </remarks>
    public static void Skip(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip())
        {
            throw new JsonException("The value is cut.");
        }
    }

    /// <summary>The object at the reader; null where there is something else.</summary>
    public static T? ReadObject<T>(ref Utf8JsonReader reader, JsonSerializerOptions options)
        where T : class
    {
        if (reader.TokenType is JsonTokenType.StartObject)
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
        }

        Skip(ref reader);
        return null;
    }

    /// <summary>
    /// The same XML with what it may not hold replaced, be it written out or as a reference (<c>&amp;#x1;</c>), and without what makes an
    /// attribute longer than the reader takes.
    /// </summary>
    public static byte[] CleanXml(byte[] xml)
    {
        var text = Encoding.UTF8.GetString(xml);
        var clean = new StringBuilder(text.Length);
        var (isTag, quote, start) = (false, default(char), 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (quote != default)
            {
                quote = text[at] == quote ? default : quote;
            }
            else if (isTag && text[at] is '"' or '\'')
            {
                (quote, start) = (text[at], at);
            }
            else
            {
                isTag = text[at] == '<' || (isTag && text[at] != '>');
            }

            if (quote != default && at - start > LongestAttribute)
            {
                continue;
            }

            var end = text[at] == '&' && at + 1 < text.Length && text[at + 1] == '#'
                ? text.IndexOf(';', at, Math.Min(LongestReference + 1, text.Length - at)) : -1;
            if (end > 0)
            {
                var reference = text.AsSpan(at, end + 1 - at);
                clean.Append(IsXml(reference[2..^1]) ? reference : "\uFFFD");
                at = end;
            }
            else if (at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at]))
            {
                clean.Append(text, at++, 2);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[at]) ? text[at] : '\uFFFD');
            }
        }

        return Encoding.UTF8.GetBytes(clean.ToString());
    }

    /// <summary>The number of a reference is that of a character that XML knows.</summary>
    private static bool IsXml(ReadOnlySpan<char> number) =>
        (number is ['x', .. var digits] ? uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            : uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out code))
        && Rune.IsValid(code) && (code > char.MaxValue || XmlConvert.IsXmlChar((char)code));

    /// <summary>The same JSON with what no text may hold replaced: bytes that are no UTF-8, control characters, lone surrogates.</summary>
    /// <returns>What was given, where nothing was to be replaced.</returns>
    public static byte[] Clean(byte[] json)
    {
        var text = Utf8.IsValid(json) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        var output = new ArrayBufferWriter<byte>(text.Length + 16);
        var (copied, isText) = (0, false);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == Quote)
            {
                isText = !isText;
            }
            else if (isText && text[at] < ' ')
            {
                Replace(at, 1, "\uFFFD"u8);
            }
            else if (isText && text[at] == Backslash)
            {
                var high = Unit(at);
                var isPair = char.IsHighSurrogate(high) && char.IsLowSurrogate(Unit(at + 6));
                if (char.IsSurrogate(high) && !isPair)
                {
                    Replace(at, 6, "\uFFFD"u8);
                }

                // Past what is escaped, which may be a quotation mark.
                at += isPair ? 11 : char.IsSurrogate(high) ? 5 : 1;
            }
        }

        if (output.WrittenCount == 0)
        {
            return text;
        }

        output.Write(text.AsSpan(copied));
        return output.WrittenSpan.ToArray();

        void Replace(int from, int length, ReadOnlySpan<byte> by)
        {
            output.Write(text.AsSpan(copied, from - copied));
            output.Write(by);
            copied = from + length;
        }

        // The code unit that is written there as \uXXXX; zero where there is none.
        char Unit(int from) => from + 6 <= text.Length && text[from] == Backslash && text[from + 1] == (byte)'u'
            && Utf8Parser.TryParse(text.AsSpan(from + 2, 4), out ushort unit, out var read, 'X') && read == 4
            ? (char)unit
            : default;
    }
}
