# SPDX-License-Identifier: GPL-2.0
# Completion of pcibar for bash: commands, their options, files.

_pcibar()
{
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} options

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W \
			'capture import show plan diff qemu kunit --help' -- "$word")
		return
	fi
	if [ "$last" = --color ]; then
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word")
		return
	fi
	case $word in
	-*)
		# Whatever the command itself says it knows
		options=$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --help 2>/dev/null |
			grep -oE -- '(^|[[ ])--?[a-z][a-z-]*' | tr -d '[ ')
		mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	esac
}

complete -o filenames -F _pcibar pcibar
