# fish completion for cartrita: the program itself knows what may follow.
function __cartrita_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' $words[-1])
        else
            echo $line
        end
    end
end
complete -c cartrita -f -a '(__cartrita_complete)'
