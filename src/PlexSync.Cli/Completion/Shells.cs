using System.Text;

namespace PlexSync.Cli.Completion;

/// <summary>
/// The shells that can complete <c>plexsync</c>: the script each of them needs, and how each writes a word. The scripts evaluate nothing
/// that they are given.
/// </summary>
internal static class Shells
{
    public const string Bash = "bash";
    public const string Zsh = "zsh";
    public const string Fish = "fish";
    public const string PowerShell = "powershell";

    /// <summary>What a script reads where a file is meant: shells find those better themselves. No word is empty, so it is none.</summary>
    public const string Files = "\tfiles";

    public static readonly string[] All = [Bash, Zsh, Fish, PowerShell];

    public static string ScriptOf(string shell) => shell switch
    {
        Bash => BashScript,
        Zsh => ZshScript,
        Fish => FishScript,
        _ => PowerShellScript,
    };

    /// <summary>
    /// A candidate as the script of a shell takes it: for bash and PowerShell ready to stand in the line, for the others as it is, since
    /// those quote.
    /// </summary>
    public static string Write(string shell, TypedLine line, Candidate candidate) => shell switch
    {
        // Bash shows no descriptions.
        Bash => BashQuoted(candidate.Text[line.Kept..], line.Quote),
        Zsh => Described(candidate.Text[candidate.ValueAt..], candidate),
        Fish => Described(candidate.Text, candidate),
        _ => Described(PowerShellQuoted(candidate.Text), candidate),
    };

    private static string Described(string word, Candidate candidate) =>
        candidate.Description is { } description ? $"{word}\t{description}" : word;

    private static string BashQuoted(string text, char quote)
    {
        var result = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            _ = quote switch
            {
                '\'' => letter == '\'' ? result.Append("""'\''""") : result.Append(letter),
                // Within double quotes, a backslash does keep bash from putting in an earlier command, but stays.
                '"' => letter == '!' ? result.Append("\"'!'\"") : letter is '"' or '$' or '`' or '\\' ? result.Append('\\').Append(letter)
                    : result.Append(letter),
                _ => IsPlain(letter) ? result.Append(letter) : result.Append('\\').Append(letter),
            };
        }

        // Readline would take a mark at the beginning for the one that is there already.
        return result.Length > 0 && result[0] == quote ? $"{quote}{result}" : result.ToString();
    }

    private static string PowerShellQuoted(string text)
    {
        var isPlain = true;
        var result = new StringBuilder("'");
        foreach (var letter in text)
        {
            isPlain &= IsPlain(letter);
            // PowerShell takes the typographic ones for quotation marks too.
            result.Append(letter, letter is '\'' or (>= '\u2018' and <= '\u201B') ? 2 : 1);
        }

        return isPlain ? text : result.Append('\'').ToString();
    }

    /// <summary>
    /// Means nothing but itself wherever it stands. Halves of a surrogate pair and marks must not be torn from what they belong to.
    /// </summary>
    private static bool IsPlain(char letter) =>
        char.IsAscii(letter) ? char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or ':' or '=' or '+'
            : char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) || (!char.IsWhiteSpace(letter) && !char.IsPunctuation(letter));

    private const string BashScript = """
        # plexsync for bash: put this into ~/.bashrc
        #   source <(plexsync completion bash)

        _plexsync() {
            local line program=$1
            [[ $program == '~/'* ]] && program=$HOME/${program:2}
            COMPREPLY=()
            compopt -o nosort 2>/dev/null || :
            while IFS= read -r line; do
                if [[ $line == $'\tfiles' ]]; then
                    compopt -o default 2>/dev/null || :
                else
                    COMPREPLY+=("$line")
                fi
            done < <("$program" __complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
        }

        # Before bash 4, files are offered wherever nothing else is.
        if ((BASH_VERSINFO[0] < 4)); then
            complete -o default -F _plexsync plexsync
        else
            complete -F _plexsync plexsync
        fi

        """;

    private const string ZshScript = """
        #compdef plexsync
        # plexsync for zsh: put this into ~/.zshrc, after compinit
        #   source <(plexsync completion zsh)
        # or write it to a file called _plexsync in a folder of $fpath.

        _plexsync() {
            local line program=${(Q)words[1]}
            local -a values shown
            [[ $program == '~/'* ]] && program=$HOME/${program[3,-1]}
            while IFS= read -r line; do
                if [[ $line == $'\tfiles' ]]; then
                    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
                    _files
                    return
                fi
                values+=("${line%%$'\t'*}")
                if [[ $line == *$'\t'* ]]; then
                    shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
                else
                    shown+=("$line")
                fi
            done < <("$program" __complete zsh "${(@Q)words[2,CURRENT-1]}" "$QIPREFIX$PREFIX" 2>/dev/null </dev/null)
            (( $#values )) || return 1
            [[ $PREFIX == --*=* ]] && compset -P 1 '*='
            compadd -l -V plexsync -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -d shown -a values
        }

        if [[ ${funcstack[1]} == _plexsync ]]; then
            _plexsync "$@"
        else
            compdef _plexsync plexsync
        fi

        """;

    private const string FishScript = """
        # plexsync for fish: put this into ~/.config/fish/completions/plexsync.fish
        #   plexsync completion fish | source

        function __plexsync_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
            set -e words[1]
            set -g __plexsync_found ($program __complete fish $words "$current" 2>/dev/null </dev/null)
            # Files are left to fish.
            not string match -q -- \tfiles "$__plexsync_found[1]"
        end

        complete -c plexsync -k -f -n __plexsync_complete -a '$__plexsync_found'

        """;

    private const string PowerShellScript = """
        # plexsync for PowerShell: put this into $PROFILE
        #   plexsync completion powershell | Out-String | Invoke-Expression

        Register-ArgumentCompleter -Native -CommandName plexsync -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @()
            $current = ''
            foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
                if ($element.Extent.StartOffset -ge $cursorPosition) { break }
                $isText = $element -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
                    $element -is [System.Management.Automation.Language.ExpandableStringExpressionAst]
                $text = if ($isText) { $element.Value } else { $element.Extent.Text }
                if ($element.Extent.EndOffset -ge $cursorPosition) { $current = $text } else { $words += $text }
            }
            $encoding = [Console]::OutputEncoding
            try {
                [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new()
                foreach ($line in @(& $commandAst.GetCommandName() __complete powershell @words "$current." 2>$null)) {
                    $word, $description = $line -split "`t", 2
                    if ($word) {
                        $tip = if ($description) { $description } else { $word }
                        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $tip)
                    }
                }
            } catch {
            } finally {
                [Console]::OutputEncoding = $encoding
            }
        }

        """;
}
