// Package chart turns the seconds of a run into pictures: lines of braille,
// bars of blocks, marks and axes.
//
// [Fold] gathers seconds into columns, the drawing functions put columns on a
// region of a sheet. Everything is a pure function of its arguments. A column
// is a fixed piece of the run's time (second / step), so a picture that grows
// moves by whole columns and a terminal has to redraw it only once per step.
//
// Percentiles of several seconds cannot be averaged: the median line of a
// wider column is the median of the seconds' medians, the high line is the
// maximum of their 99th percentiles, so that a bad second stays visible.
package chart
