#include "modes/connect/screen/input_layout.h"

#include <algorithm>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {

const InputLayout& InputCache::of(const LineEditor& editor, int columns) {
    const bool same = columns == columns_ && text_ == editor.text();
    if (!same) wrapText(editor, columns);
    if (!same || cursor_ != editor.cursor()) placeCursor(editor);
    return layout_;
}

void InputCache::wrapText(const LineEditor& editor, int columns) {
    text_ = editor.text();
    columns_ = columns;
    layout_.text = SafeText(text_, SafeText::Newlines::Keep);
    layout_.rows = wrap(layout_.text.view(), static_cast<size_t>(columns));
}

void InputCache::placeCursor(const LineEditor& editor) {
    cursor_ = editor.cursor();
    const std::string_view text = layout_.text.view();
    // What was typed is nearly always safe as it is: then offsets are the same.
    size_t offset = cursor_;
    if (text != text_) {
        const SafeText before(std::string_view(text_).substr(0, cursor_), SafeText::Newlines::Keep);
        offset = std::min(before.view().size(), text.size());
    }
    const auto after = std::upper_bound(layout_.rows.begin(), layout_.rows.end(), offset,
                                        [](size_t at, const Row& row) { return at < row.begin; });
    layout_.cursorRow = static_cast<size_t>(after - layout_.rows.begin()) - 1;
    const Row& row = layout_.rows[layout_.cursorRow];
    const size_t end = std::clamp(offset, row.begin, std::max(row.begin, row.end));
    layout_.cursorColumn = static_cast<int>(columnsOf(text.substr(row.begin, end - row.begin)));
}

}  // namespace netchat::connect
